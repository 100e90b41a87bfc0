"""Ways of predicting several labels, judged on the same folds, from simple to complex."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.data import LabelTargets
from topwork.features.opened_backbone import FrozenPart
from topwork.heads import LinearHead
from topwork.runtime.progress import Progress
from topwork.selection.choice import Candidate as Scored
from topwork.selection.choice import Selection, choose
from topwork.tasks.feature_rows import FixedRows
from topwork.tasks.labels.nested import LabelRules, NestedLabels, nested_labels
from topwork.tasks.labels.task import LABELS
from topwork.tasks.labels.thresholds import USUAL, log_odds

FREQUENCIES = "label frequencies"
PIXELS = "raw pixels"

Float64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LabelModelParts:
    """What a candidate becomes when it is selected.

    Parameters
    ----------
    frozen
        The network and its features of the n items.
    head
        An output per label: its log odds.
    rules
        Temperatures, which the head's outputs are divided by already, and thresholds.
    """

    frozen: FrozenPart
    head: LinearHead
    rules: LabelRules


@dataclass(frozen=True, eq=False)
class LabelCandidate:
    """An evaluated way of predicting several labels.

    Parameters
    ----------
    name
        What people call it.
    frozen
        Where its features come from.
    probabilities, thresholds
        Out-of-fold, ``(n, L)``.
    nested
        Its logistic regressions; None for constants.
    """

    name: str
    frozen: FrozenPart
    probabilities: Float64
    thresholds: Float64
    nested: NestedLabels | None
    seconds: float
    baseline: bool = True

    @property
    def targets(self) -> LabelTargets:
        """The true labels."""
        return self.frozen.data.several

    @property
    def backbone(self) -> str:
        """What its features come from."""
        return self.frozen.opened.backbone.name

    @property
    def losses(self) -> Float64:
        """The mean log loss of each item's out-of-fold probabilities, ``(n,)``."""
        return np.asarray(LABELS.losses(self.targets, self.probabilities)[0])

    def finished(self) -> LabelModelParts:
        """The model on all items."""
        if self.nested is not None:
            return LabelModelParts(self.frozen, self.nested.head, self.nested.rules)
        shares = LABELS.constant(self.targets)
        width = self.frozen.features.shape[1]
        head = LinearHead(
            np.zeros((width, len(shares)), np.float32),
            log_odds(shares).astype(np.float32),
            normalise=False,
        )
        ones = np.ones(len(shares))
        return LabelModelParts(self.frozen, head, LabelRules(ones, USUAL * ones))


def frequency_candidate(frozen: FrozenPart, folds: NDArray[np.integer]) -> LabelCandidate:
    """The share of the other folds' items that have each label, whatever the item."""
    begun, targets = time.monotonic(), frozen.data.several
    predicted = np.empty(targets.presence.shape)
    for fold in np.unique(folds):
        predicted[folds == fold] = LABELS.constant(targets.take(np.flatnonzero(folds != fold)))
    usual = np.full(predicted.shape, USUAL)
    return LabelCandidate(FREQUENCIES, frozen, predicted, usual, None, time.monotonic() - begun)


def logistic_candidate(
    name: str,
    frozen: FrozenPart,
    folds: NDArray[np.integer],
    *,
    baseline: bool,
    progress: Progress,
) -> LabelCandidate:
    """Logistic regressions on a network's features."""
    begun = time.monotonic()
    rows = FixedRows(np.asarray(frozen.features, np.float32))
    nested = nested_labels(rows, frozen.data.several.presence, folds, progress=progress)
    seconds = time.monotonic() - begun
    return LabelCandidate(
        name, frozen, nested.probabilities, nested.thresholds, nested, seconds, baseline
    )


@dataclass(frozen=True, eq=False)
class LabelSelection:
    """Which candidate is used, and what is reported of it.

    Parameters
    ----------
    chosen
        Its position.
    verdict
        Why; None where there was one candidate only.
    probabilities, thresholds
        To report, ``(n, L)``: of each item those of the candidate that would be chosen without its
        fold.
    """

    chosen: int
    verdict: Selection | None
    probabilities: Float64
    thresholds: Float64


def select_candidate(
    candidates: Sequence[LabelCandidate],
    folds: NDArray[np.integer],
    groups: NDArray[np.integer],
) -> LabelSelection:
    """The simplest candidate within one standard error of the smallest log loss.

    Parameters
    ----------
    candidates
        From simple to complex; the last is used where there are too few items to compare.
    folds, groups
        Fold and group of each item, ``(n,)``.
    """
    if len(candidates) == 1:
        only = candidates[0]
        return LabelSelection(0, None, only.probabilities, only.thresholds)
    every = np.ones(len(folds), bool)
    verdict = _verdict(candidates, folds, groups, every)
    chosen = _position(candidates, verdict.chosen)
    probabilities = candidates[chosen].probabilities.copy()
    thresholds = candidates[chosen].thresholds.copy()
    if verdict.ranked:
        for fold in np.unique(folds):
            own = folds == fold
            other = _position(candidates, _verdict(candidates, folds, groups, ~own).chosen)
            probabilities[own] = candidates[other].probabilities[own]
            thresholds[own] = candidates[other].thresholds[own]
    return LabelSelection(chosen, verdict, probabilities, thresholds)


def _verdict(
    candidates: Sequence[LabelCandidate],
    folds: NDArray[np.integer],
    groups: NDArray[np.integer],
    rows: NDArray[np.bool_],
) -> Selection:
    left = np.unique(folds[rows])
    verdict = choose(
        [Scored(candidate.name, -candidate.losses[rows]) for candidate in candidates],
        folds=folds[rows],
        n_folds=len(np.unique(folds)) if len(left) < 2 else None,
        groups=groups[rows],
        rule="one standard error",
        fallback=candidates[-1].name,
    )
    return verdict.model_copy(update={"reason": _reason(verdict)}) if verdict.ranked else verdict


def _reason(verdict: Selection) -> str:
    """Why this one, in one sentence."""
    ranked = {one.name: one for one in verdict.ranked_candidates}
    chosen = ranked[verdict.chosen]
    if chosen.behind is None:
        simpler = [one.name for one in verdict.ranked_candidates if one.beaten]
        over = f", below {', '.join(simpler)}" if simpler else ""
        return f"{chosen.name} has the lowest log loss, {-chosen.score:.3f} per label{over}."
    return (
        f"The log loss of {verdict.leader} is {chosen.behind.difference:.3f} below that of "
        f"{chosen.name}, within one standard error: {chosen.name} is simpler."
    )


def _position(candidates: Sequence[LabelCandidate], name: str) -> int:
    return [candidate.name for candidate in candidates].index(name)
