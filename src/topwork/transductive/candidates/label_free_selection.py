"""Whether an adapted model may take the place of the one that it came from, without labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from topwork.heads import LinearHead, fit_logistic
from topwork.heads.linear import normalise_rows
from topwork.model import TrainingStatistics
from topwork.runtime.progress import Progress, silent
from topwork.selection.unlabelled_choice import (
    CandidatePredictions,
    LabelFreeScores,
    label_free_scores,
)
from topwork.transductive.candidates.distilled import Distilled, distil, with_source
from topwork.transductive.candidates.methods import METHODS, plain
from topwork.transductive.candidates.proposals import Proposal, agreed, proposals
from topwork.transductive.candidates.space import Space

MAX_LOST = 0.02
"""Of the accuracy on the source, where that has to be kept."""

MIN_VOTES = 0.6
"""Share of the scores that must prefer a candidate to the model as it is."""


@dataclass(frozen=True, eq=False, slots=True)
class Choice:
    """What was chosen among the ways to answer for the target.

    Parameters
    ----------
    chosen
        What ships; None for the model as it is.
    finalists
        What the scores say of the model as it is and of those that might replace it.
    agreements
        Share of the target's items on which each way says what all say together.
    everything
        The ensemble of all ways, ``(m, k)``.
    proposals
        Every way, the model as it is first.
    """

    chosen: Distilled | None
    finalists: tuple[LabelFreeScores, ...]
    agreements: dict[str, float]
    everything: NDArray[np.float32]
    proposals: tuple[Proposal, ...]


def choose_adapted(
    spaces: Sequence[Space],
    *,
    priors: NDArray[np.float64] | None = None,
    most_changed: float = 1.0,
    few: bool = False,
    seed: int = 0,
    progress: Progress = silent,
) -> Choice:
    """The ensemble of all ways if it passes the checks, else the same with label propagation.

    No single way is taken: of 31 pairs the ensemble was better in every family, and most where
    classes have unequal shares.

    Parameters
    ----------
    priors
        Of the target's classes, ``(k,)``, where only some are present. Then what the ways agree on
        is taken without a vote, as scores that compare classes say little there.
    most_changed
        Share of the predictions that it may change then.
    few
        Whether items are so few per class that only what neighbours confirm may be returned.
    """
    present = None if priors is None else priors > 0
    start = _as_it_is(spaces[0])
    if priors is not None:
        spaces = [replace(space, priors=priors) for space in spaces]
    found = proposals(spaces, progress=progress)
    ensemble, spread = agreed(found)
    found[0] = start
    everything = ensemble.probabilities
    agreements = {one.name: float((one.labels == ensemble.labels).mean()) for one in found}
    request = (spread,) if few or present is not None else (ensemble, spread)
    backbone_candidates = [distil(one, seed=seed) for one in request]
    label_free_predictions = [_answers(start, spaces[0], start.space.head)]
    label_free_predictions += [
        _answers(one.proposal, spaces[0], one.head) for one in backbone_candidates
    ]
    importance = _likeness(spaces[0])
    scores = label_free_scores(
        label_free_predictions, everything, weights=importance, present=present, seed=seed
    )
    able = [pair for pair in zip(scores[1:], backbone_candidates, strict=True) if safe(pair[0])]
    if present is not None:
        changed = float((spread.labels != start.labels).mean())
        able = [(scores[1], backbone_candidates[0])] if 0 < changed <= most_changed else []
    best_of = with_source(able[0][1]) if able else None
    return Choice(best_of, scores, agreements, everything, tuple(found))


def _as_it_is(space: Space) -> Proposal:
    """The model as it is, whatever classes the target holds."""
    return Proposal(METHODS[0].name, space, plain(space))


def loses_source(
    head: LinearHead,
    rows: NDArray[np.float32],
    codes: NDArray[np.int64],
    past: TrainingStatistics,
) -> bool:
    """Whether a head is worse on the source than the model was on items that it had not seen.

    Parameters
    ----------
    rows, codes
        Of the source, ``(n, d)`` and ``(n,)``, by the selected network.
    past
        Of the model as it was.
    """
    right = head.logits(rows).argmax(axis=1) == codes
    held_out = past.rehearsal_logits
    if len(held_out) != len(past.rehearsal_codes):
        return False
    before = float((held_out.argmax(axis=1) == past.rehearsal_codes).mean())
    return float(right.mean()) < before - MAX_LOST


def safe(score: LabelFreeScores) -> bool:
    """Whether it has not collapsed and enough of the scores prefer it to the start."""
    return not score.collapsed and score.votes >= MIN_VOTES * score.of


def _answers(proposal: Proposal, plain: Space, head: LinearHead | None) -> CandidatePredictions:
    space = proposal.space
    assert head is not None
    rows = normalise_rows(space.target)

    def mixed(first: NDArray[np.intp], second: NDArray[np.intp]) -> NDArray[np.float32]:
        return head.probabilities(_SHARE * rows[first] + (1 - _SHARE) * rows[second])

    right = head.probabilities(space.selected_source)[np.arange(len(space.codes)), space.codes]
    return CandidatePredictions(
        proposal.name,
        proposal.probabilities,
        lambda labels: _back(plain, labels),
        mixed,
        right,
    )


_MAX_WEIGHT = 10.0
"""Of a source row beside one that looks as much like either domain."""

_SHARE = 0.55
"""Of the first of two items that are mixed."""


def _likeness(space: Space) -> NDArray[np.float32]:
    """How much more each source row looks like the target than like the source, ``(n,)``."""
    sides = np.repeat([0, 1], [len(space.source), len(space.target)])
    rows = np.concatenate([normalise_rows(space.source), normalise_rows(space.target)])
    said = fit_logistic(rows, sides, 2, C=1.0, class_weight="balanced").probabilities(space.source)
    odds: NDArray[np.float32] = np.minimum(said[:, 1] / np.maximum(said[:, 0], 1e-6), _MAX_WEIGHT)
    return odds


def _back(space: Space, labels: NDArray[np.intp]) -> float:
    """Balanced accuracy on the source of a head that was fitted on the target with labels."""
    ours, theirs = space.standardised
    said = fit_logistic(theirs, labels.astype(np.int64), space.n_classes).logits(ours)
    right = said.argmax(axis=1) == space.codes
    there = np.unique(space.codes) if space.priors is None else np.flatnonzero(space.priors)
    return float(np.mean([right[space.codes == c].mean() for c in there]))
