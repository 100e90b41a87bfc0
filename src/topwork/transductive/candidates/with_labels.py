"""Ways that use a few labels of the new domain, and the choice among them on those labels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from topwork.heads import LinearHead, fit_logistic, stratified_folds
from topwork.heads.domain.alignment import standardise
from topwork.heads.linear import normalise_rows
from topwork.selection.choice import Candidate, Selection, choose
from topwork.transductive.candidates.distilled import Distilled, distil
from topwork.transductive.candidates.label_free_selection import Choice
from topwork.transductive.candidates.proposals import Proposal
from topwork.transductive.candidates.space import Space
from topwork.transductive.few_labels import FewLabels

AS_IT_WAS, WITHOUT = "unadapted model", "adapted without labels"
ALONE, JOINT, CLAMPED = (
    "few labels alone",
    "both domains' labels",
    "ensemble and few labels",
)
_FOLDS = 5
_WEIGHT = 0.5
"""Of the few labelled items beside the other rows of a fit, if they are repeated."""

Way = Callable[[FewLabels], Distilled]


def choose_with_labels(
    choice: Choice, few: FewLabels, *, differs: bool, seed: int = 0
) -> tuple[Choice, Selection]:
    """What does best on the few labels, each held out of what learns from it.

    Where they are too few to rank anything by, all ways with the labels among them are taken if
    looks differ and they do no worse than the model as it was; else what was found without labels
    if that does no worse; else the model as it was.

    Parameters
    ----------
    choice
        What was found without labels; it has seen none of them.
    differs
        Whether the domains look different.

    Returns
    -------
    What ships, and the verdict.
    """
    space = choice.chosen.proposal.space if choice.chosen else choice.proposals[0].space
    ways = _ways(choice, space, seed)
    candidates = [Candidate(AS_IT_WAS, choice.proposals[0].labels[few.rows] == few.codes)]
    if choice.chosen:
        own = choice.chosen.head.logits(space.target[few.rows]).argmax(axis=1)
        candidates.append(Candidate(WITHOUT, own == few.codes))
    candidates += [Candidate(name, _held_out(way, few, seed)) for name, way in ways.items()]
    verdict = choose(candidates, rule="higher score", fallback=_fallback(candidates, differs))
    if verdict.chosen in ways:
        return replace(choice, chosen=ways[verdict.chosen](few)), verdict
    if verdict.chosen == AS_IT_WAS:
        return replace(choice, chosen=None), verdict
    return choice, verdict


def _fallback(candidates: list[Candidate], differs: bool) -> str:
    """What is taken where labels can't rank: nothing that does worse than the model as it was."""
    scores = {one.name: float(np.mean(one.scores.astype(bool))) for one in candidates}
    able = (CLAMPED, WITHOUT) if differs else ()
    return next((n for n in able if scores.get(n, -1.0) >= scores[AS_IT_WAS]), AS_IT_WAS)


def _ways(choice: Choice, space: Space, seed: int) -> dict[str, Way]:
    """From simple to complex."""
    return {
        ALONE: lambda few: _alone(space, few, seed),
        JOINT: lambda few: _joint(space, few, seed),
        CLAMPED: lambda few: _clamped(choice, space, few, seed),
    }


def _held_out(way: Way, few: FewLabels, seed: int) -> NDArray[np.bool_]:
    """Whether each labelled item is answered rightly by what hasn't learnt from it, ``(l,)``."""
    right = np.zeros(len(few), bool)
    if len(few) < 2:
        return right
    folds = stratified_folds(few.codes, n_folds=min(_FOLDS, len(few)), seed=seed)
    for fold in np.unique(folds):
        own = folds == fold
        made = way(_part(few, ~own))
        logits = made.head.logits(made.proposal.space.target[few.rows[own]])
        right[own] = logits.argmax(axis=1) == few.codes[own]
    return right


def _part(few: FewLabels, some: NDArray[np.bool_]) -> FewLabels:
    return FewLabels(few.rows[some], few.codes[some], ())


def _alone(space: Space, few: FewLabels, seed: int) -> Distilled:
    head = fit_logistic(space.target[few.rows], few.codes, space.n_classes)
    return _made(ALONE, space, head, seed)


def _joint(space: Space, few: FewLabels, seed: int) -> Distilled:
    """On the source's rows, moved to the target's mean and spread, and the few labelled ones."""
    _, mean, spread = standardise(space.target)
    moved = normalise_rows(space.standardised[0] * spread + mean)
    rows = _repeated(few.rows, len(moved))
    X = np.concatenate([moved, normalise_rows(space.target[rows])])
    codes = np.concatenate([space.codes, _repeated(few.codes, len(moved))])
    return _made(JOINT, space, fit_logistic(X, codes, space.n_classes), seed)


def _clamped(choice: Choice, space: Space, few: FewLabels, seed: int) -> Distilled:
    """What all ways say, with the labels in the place of what they say, along neighbours."""
    said = choice.everything.copy()
    known = np.eye(space.n_classes, dtype=np.float32)[few.codes]
    said[few.rows] = len(said) / max(len(few), 1) * _WEIGHT * known
    answers = space.spread(said)
    answers[few.rows] = known
    return distil(Proposal(CLAMPED, space, answers), seed=seed)


def _repeated(values: NDArray[np.int64], beside: int) -> NDArray[np.int64]:
    """So often that they weigh as much as half of what stands beside them."""
    times = max(1, round(_WEIGHT * beside / max(len(values), 1)))
    return np.tile(values, times)


def _made(name: str, space: Space, head: LinearHead, seed: int) -> Distilled:
    return Distilled(Proposal(name, space, head.probabilities(space.target)), head, seed)
