"""Where the model fails, as a chapter of the report."""

from __future__ import annotations

import numpy as np

from topwork.errors import BadItem
from topwork.evaluation.slices import Slices
from topwork.inductive.evidence import Evidence
from topwork.inductive.thorough import MOST_MAPS, Depth, surely_wrong
from topwork.inductive.trial import targets_of
from topwork.report import Failures, Shown, Slice, WrongItem, saliency_data_uri

LEVEL = 0.05


def failures_chapter(evidence: Evidence) -> Failures | None:
    """The wrong items, and the kinds of items that are wrong more often."""
    targets = targets_of(evidence.chosen.frozen)
    calibrated, deep = evidence.calibrated, evidence.depth
    probabilities, predicted, rows = calibrated.probabilities, evidence.predicted, calibrated.rows
    wrong = surely_wrong(probabilities, predicted, calibrated.codes)
    slices = deep.slices if deep else None
    if not len(wrong) and not (slices and slices.all):
        return None
    data = evidence.chosen.frozen.data
    shown, glowing = Shown(data), _glowing(evidence)
    return Failures(
        slices=_slices(slices) if slices else (),
        overall=evidence.judgement.scores.accuracy if evidence.judgement else None,
        slices_note=_slices_note(slices) if slices else "",
        wrong=tuple(
            WrongItem(
                path=data.items[rows[i]].name,
                truth=str(targets.labels[calibrated.codes[i]]),
                predicted=str(targets.labels[predicted[i]]),
                confidence=float(probabilities[i, predicted[i]]),
                picture=shown.picture(data.items[rows[i]].name),
                text=shown.text(data.items[rows[i]].name),
                saliency=glowing.get(int(rows[i])),
            )
            for i in wrong[:MOST_MAPS]
        ),
        n_wrong=len(wrong),
        saliency_note=_saliency_note(deep),
    )


def _slices(slices: Slices) -> tuple[Slice, ...]:
    """The slices, those that are worse first."""
    ordered = sorted(slices.all, key=lambda s: (s.p_adjusted >= LEVEL, s.difference))
    return tuple(
        Slice(
            name=f"{s.attribute}: {s.value}",
            n=s.n_items,
            score=s.accuracy,
            p_value=s.p_adjusted,
            flagged=s.p_adjusted < LEVEL and s.difference < 0,
        )
        for s in ordered
    )


def _slices_note(slices: Slices) -> str:
    worse = [s for s in slices.found if s.difference < 0]
    looks = f"{len(slices.all)} kinds were compared with all other items"
    if not worse:
        return f"{looks}; none is worse beyond chance."
    first = worse[0]
    return (
        f"{looks}, with correction for having looked so often; {len(worse)} are worse beyond "
        f"chance, most of all {first.attribute} {first.value}: {first.accuracy.value:.0%} against "
        f"{first.rest:.0%}."
    )


def _glowing(evidence: Evidence) -> dict[int, str]:
    """Maps of the wrong items as pictures, by position; none where they mean nothing."""
    deep = evidence.depth
    if deep is None or deep.saliency is None or not deep.saliency.sane:
        return {}
    data, found = evidence.chosen.frozen.data, {}
    for row, values in zip(deep.salient, deep.saliency.maps, strict=True):
        try:
            content = data.kind.read(data.items[row])
            square = data.kind.decode(content, evidence.chosen.frozen.opened.framing)
        except BadItem:  # it went away since
            continue
        if np.ptp(values) == 0:  # nothing that was covered made a difference
            continue
        found[row] = saliency_data_uri(square, np.maximum(values, 0))
    return found


def _saliency_note(deep: Depth | None) -> str:
    if deep is None or deep.saliency is None:
        return ""
    same = f"{deep.saliency.agreement:.2f}"
    if not deep.saliency.sane:
        return (
            "What the answers rest on is not shown: maps after randomising the weights look alike "
            f"(correlation {same}), so they would show the picture and not what was learnt."
        )
    return (
        "The yellow places are those that the answer rests on: covered, they make it less sure. "
        f"After randomising the weights the maps look different (correlation {same})."
    )
