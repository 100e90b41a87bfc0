"""Which description of good parts fits: found without any defective part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.heads import stratified_folds
from topwork.heads.inspection.normality import (
    DESCRIPTIONS,
    NormalityName,
    held_out_distances,
)
from topwork.heads.inspection.place_gaussian import part_scores
from topwork.inductive.inspection.part_maps import PartMaps
from topwork.inductive.inspection.pasted_pieces import N_PIECES, pasted_rows
from topwork.runtime.progress import Progress
from topwork.selection.choice import Candidate, choose
from topwork.selection.enough import MIN_ITEMS, too_few

N_FOLDS = 10

MAX_PASTED = 200
"""Parts that pieces are pasted on, at most."""

_HARDLY = 0.6

Float64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class ChosenDescription:
    """How good parts are described, and how each was found by the descriptions of others.

    Parameters
    ----------
    name
        Of the description.
    scores
        Held-out score of each part, ``(n,)``.
    pasted_auroc
        Chance that a held-out part with a piece pasted on it scores above one without, by each
        description; empty where there are too few parts to compare.
    reason
        A sentence on why it is this one.
    """

    name: NormalityName
    scores: Float64
    pasted_auroc: Mapping[NormalityName, float]
    reason: str


def choose_description(
    maps: PartMaps, groups: NDArray[np.int64], *, seed: int, progress: Progress
) -> ChosenDescription:
    """The simplest description that no other beats in finding pasted pieces.

    No defective part is needed: pieces of good parts are pasted onto others, all of them held out.
    With a distribution per place a part must lie as the others do; that it does is not to be seen
    in the maps alone, which vary from place to place for other reasons, too.

    Parameters
    ----------
    groups
        Part of each image, ``(n,)``.
    """
    n = len(groups)
    folds = stratified_folds(np.zeros(n, np.int64), n_folds=N_FOLDS, groups=groups, seed=seed)
    few = too_few(len(np.unique(groups)), None, None, min_items=MIN_ITEMS)
    if few:
        (name, first), *_ = DESCRIPTIONS.items()
        scores = _scores(held_out_distances(maps.rows, folds, first.fit))
        return ChosenDescription(name, scores, {}, f"{few}: using {first.called}.")
    chosen = np.sort(np.random.default_rng(seed).permutation(n)[:MAX_PASTED])
    pasted = pasted_rows(maps, chosen, folds, seed=seed, progress=progress)
    more = (pasted, np.repeat(folds[chosen], N_PIECES))
    judged, areas = dict[NormalityName, Float64](), dict[NormalityName, float]()
    candidates = []
    for name, one in DESCRIPTIONS.items():
        found = _scores(held_out_distances(maps.rows, folds, one.fit, more=more))
        judged[name], with_pieces = found[:n], found[n:].reshape(-1, N_PIECES)
        told = _told(judged[name][chosen], with_pieces)
        areas[name] = float(told.mean())
        candidates.append(Candidate(name, told))
    verdict = choose(
        candidates, folds=folds[chosen], groups=groups[chosen], rule="one standard error"
    )
    names = {str(name): name for name in DESCRIPTIONS}
    selected = names[verdict.chosen]
    return ChosenDescription(selected, judged[selected], areas, _reason(selected, areas))


def _scores(distances: NDArray[np.float32]) -> Float64:
    return part_scores(distances).astype(np.float64)


def _told(good: Float64, with_pieces: Float64) -> Float64:
    """Share of comparisons of each part that come out right, ``(m,)``; their mean is the AUROC.

    Parameters
    ----------
    good
        Scores of m parts.
    with_pieces
        Of the same with pieces on them, ``(m, r)``.

    Examples
    --------
    >>> _told(np.array([1.0, 2.0]), np.array([[3.0], [1.5]])).tolist()
    [1.0, 0.5]
    """
    right = (with_pieces[None] > good[:, None, None]).mean(axis=2)
    right += (with_pieces[None] == good[:, None, None]).mean(axis=2) / 2
    return np.asarray((right.mean(axis=0) + right.mean(axis=1)) / 2)


def _reason(selected: NormalityName, areas: Mapping[NormalityName, float]) -> str:
    (other,) = (name for name in areas if name != selected)
    called = {name: DESCRIPTIONS[name].called for name in areas}
    said = (
        f"Pieces pasted onto held-out good parts are told with an AUROC of {areas[selected]:.3f} "
        f"by {called[selected]}, and of {areas[other]:.3f} by {called[other]}"
    )
    if selected == "patch-memory":
        said += ": the parts do not all lie alike, so that places are compared with any place."
    else:
        said += ": each place is compared with the same place of good parts."
    if max(areas.values()) < _HARDLY:
        said += " Hardly any piece is found, so small defects may be missed."
    return said
