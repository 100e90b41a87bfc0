"""Where the model fails, as a section of the report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from topwork.data import ModalityName
from topwork.diagnosis.saliency import GRID
from topwork.diagnosis.thorough import MAX_MAPS, Diagnostics, surely_wrong
from topwork.diagnosis.word_attribution import shown_pieces, words_among
from topwork.errors import BadItem
from topwork.metrics.slices import Slices
from topwork.report import (
    Failures,
    Piece,
    Shown,
    Slice,
    WrongItem,
    piece_levels,
    saliency_data_uri,
)
from topwork.reporting.fit_artifacts import FitArtifacts
from topwork.runtime.counted import counted
from topwork.trials.trial import targets_of

LEVEL = 0.05


def failures_section(artifacts: FitArtifacts) -> Failures | None:
    """The wrong items, and the kinds of items that are wrong more often."""
    targets = targets_of(artifacts.chosen.frozen)
    calibrated, deep = artifacts.calibrated, artifacts.diagnostics
    probabilities, predicted, rows = calibrated.probabilities, artifacts.predicted, calibrated.rows
    wrong = surely_wrong(probabilities, predicted, calibrated.codes)
    slices = deep.slices if deep else None
    if not len(wrong) and not (slices and slices.all):
        return None
    data = artifacts.chosen.frozen.data
    shown, maps = Shown(data), _sane_maps(artifacts)
    return Failures(
        slices=_slices(slices) if slices else (),
        overall=artifacts.judgement.scores.accuracy if artifacts.judgement else None,
        slices_note=_slices_note(slices) if slices else "",
        wrong=tuple(
            WrongItem(
                path=data.items[rows[i]].name,
                truth=str(targets.labels[calibrated.codes[i]]),
                predicted=str(targets.labels[predicted[i]]),
                confidence=float(probabilities[i, predicted[i]]),
                image=shown.image(data.items[rows[i]].name),
                text=(text := shown.text(data.items[rows[i]].name)),
                pieces=_telling(text, maps.get(int(rows[i]))),
                saliency=_glowing(artifacts, int(rows[i]), maps.get(int(rows[i]))),
            )
            for i in wrong[:MAX_MAPS]
        ),
        n_wrong=len(wrong),
        saliency_note=_saliency_note(deep, data.kind.name),
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
    compared = f"{counted(len(slices.all), 'slice')} compared with all other items"
    if not worse:
        return f"{compared}; none is significantly worse."
    first = worse[0]
    return (
        f"{compared}, corrected for multiple comparisons; significantly worse: {len(worse)}, "
        f"most of all {first.attribute} {first.value}: "
        f"{100 * first.accuracy.value:.0f} % against {100 * first.rest:.0f} %."
    )


def _sane_maps(artifacts: FitArtifacts) -> dict[int, NDArray[np.float32]]:
    """Maps of the wrong items by position; none where they mean nothing."""
    deep = artifacts.diagnostics
    if deep is None or deep.saliency is None or not deep.saliency.sane:
        return {}
    # where nothing that was covered made a difference there is nothing to see
    pairs = zip(deep.salient, deep.saliency.maps, strict=True)
    return {row: np.maximum(values, 0) for row, values in pairs if values.size and np.ptp(values)}


def _glowing(artifacts: FitArtifacts, row: int, values: NDArray[np.float32] | None) -> str | None:
    """The map of one image as an image."""
    data, opened = artifacts.chosen.frozen.data, artifacts.chosen.frozen.opened
    if values is None or not (EXPLAINED[data.kind.name].places and data.shows_images):
        return None
    try:
        square = data.kind.decode(data.kind.read(data.items[row]), opened.framing)
    except BadItem:  # it went away since
        return None
    return saliency_data_uri(square, values.reshape(GRID, GRID))


def _telling(text: str | None, values: NDArray[np.float32] | None) -> tuple[Piece, ...]:
    """The pieces of one text, those marked that the answer rests on."""
    if text is None or values is None:
        return ()
    pieces = shown_pieces(text)
    words = words_among(pieces)
    if len(words) != len(values):  # it changed since
        return ()
    levels = dict(zip(words, piece_levels(values), strict=True))
    return tuple(Piece(text=piece, level=levels.get(i, 0)) for i, piece in enumerate(pieces))


def _saliency_note(deep: Diagnostics | None, kind: str) -> str:
    if deep is None or deep.saliency is None:
        return ""
    same, what = f"{deep.saliency.agreement:.2f}", EXPLAINED[kind]
    if not deep.saliency.sane:
        return (
            "Occlusion maps are omitted: they hardly change when the weights are randomised "
            f"(correlation {same}), so they would show the {what.item}, not what the model "
            "learnt."
        )
    return (
        f"{what.marks} that the prediction rests on: {what.covered}, they make it less sure. "
        f"After randomising the weights the maps look different (correlation {same})."
    )


@dataclass(frozen=True, slots=True)
class Explained:
    """How what a prediction rests on is shown.

    Parameters
    ----------
    item, marks, covered
        How it is spoken of.
    places
        Whether the parts that were covered are places of an image.
    """

    item: str
    marks: str
    covered: str
    places: bool


EXPLAINED: Final[dict[ModalityName, Explained]] = {
    "image": Explained("image", "The yellow places are those", "covered", places=True),
    "text": Explained("text", "The marked words are those", "left out", places=False),
}
