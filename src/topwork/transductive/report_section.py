"""The new domain, as a section of the report."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from topwork.heads.linear import normalise_rows
from topwork.report import Adaptation, DomainMap, Judged, Relabelled, Shown, Spot
from topwork.transductive.candidates.space import Space
from topwork.transductive.outcome import Found
from topwork.transductive.result import AdaptResult

_MAX_SPOTS = 300
_MAX_RELABELLED = 24
_MARGIN = 4.0
"""Around a map, in per cent."""

Rows = NDArray[np.float32]


def adaptation_section(found: Found, result: AdaptResult, *, seed: int = 0) -> Adaptation:
    """Maps of both domains before and after, the vote, and the items with another label."""
    moved, n = _relabelled(found)
    return Adaptation(
        sentence=_sentence(result),
        maps=_maps(found, seed),
        label_free_scores=_label_free_scores(result),
        ways=tuple(sorted(result.ways, key=lambda way: -way.agreement)),
        relabelled=moved,
        n_relabelled=n,
        audit=(result.audit.before, result.audit.after) if result.audit else None,
    )


def _sentence(result: AdaptResult) -> str:
    """What differs, and which classes seem present."""
    parts = []
    if result.shift_diagnosis and result.shift != "none":
        parts.append(result.shift_diagnosis.sentence)
    if result.presence and result.presence.verdict != "all":
        parts.append(result.presence.sentence)
    return " ".join(parts)


def _label_free_scores(result: AdaptResult) -> tuple[Judged, ...]:
    return tuple(
        Judged(**score.model_dump(), chosen=score.name == result.method)
        for score in result.finalists
    )


def _maps(found: Found, seed: int) -> tuple[DomainMap, ...]:
    if found.choice is None:
        return ()
    first = found.choice.proposals[0].space
    before = _map("Before", normalise_rows(first.source), normalise_rows(first.target), seed)
    chosen = found.choice.chosen
    if chosen is None:
        return (before,)
    return before, _after(chosen.proposal.space, seed)


def _after(space: Space, seed: int) -> DomainMap:
    """Each domain by its own statistics."""
    return _map("After", *space.standardised, seed)


def _map(title: str, source: Rows, target: Rows, seed: int) -> DomainMap:
    rng = np.random.default_rng(seed)
    parts = [rows[rng.permutation(len(rows))[:_MAX_SPOTS]] for rows in (source, target)]
    both = np.concatenate(parts)
    _, _, axes = np.linalg.svd(both - both.mean(axis=0), full_matrices=False)
    places = both @ axes[:2].T
    if places.shape[1] < 2:
        places = np.pad(places, ((0, 0), (0, 1)))
    low, high = places.min(axis=0), places.max(axis=0)
    shares = (places - low) / np.maximum(high - low, 1e-9)
    percents = (_MARGIN + (100 - 2 * _MARGIN) * shares).round(1)
    spots = [
        Spot(x=float(x), y=float(y), new=row >= len(parts[0]))
        for row, (x, y) in enumerate(percents)
    ]
    return DomainMap(title=title, spots=tuple(spots))


def _relabelled(found: Found) -> tuple[tuple[Relabelled, ...], int]:
    """Those that the model is most sure of, and how many there are."""
    rows = np.flatnonzero(found.before != found.after)
    sure = found.confidence
    data, labels = found.target.data, [str(label) for label in found.start.labels]
    shown = Shown(data)
    some = rows[np.argsort(-sure[rows], kind="stable")][:_MAX_RELABELLED]
    return tuple(
        Relabelled(
            path=data.items[row].name,
            before=labels[found.before[row]],
            after=labels[found.after[row]],
            confidence=float(sure[row]),
            image=shown.image(data.items[row].name),
            text=shown.text(data.items[row].name),
        )
        for row in some
    ), len(rows)
