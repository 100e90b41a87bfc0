"""Ways of predicting a number, judged on the same folds, from simple to complex."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.data import NumberTargets
from topwork.features.opened_backbone import FrozenPart
from topwork.heads import LinearHead
from topwork.runtime.progress import Progress
from topwork.selection.choice import Candidate as Scored
from topwork.selection.choice import Selection, choose
from topwork.tasks.feature_rows import FixedRows
from topwork.tasks.number.intervals import IntervalRule, fit_intervals
from topwork.tasks.number.nested import NestedNumbers, nested_numbers
from topwork.tasks.number.ridge import Column
from topwork.tasks.number.task import NUMBER
from topwork.tasks.number.transform import Transform, fit_transform

MEDIAN = "the median"
PIXELS = "raw pixels"

Float64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class NumberModelParts:
    """What a candidate becomes when it is selected.

    Parameters
    ----------
    frozen
        The network and its features of the n items.
    head
        Two outputs: the prediction on the scale of ``transform``, and the predicted logarithm of
        the size of its residual.
    """

    frozen: FrozenPart
    head: LinearHead
    transform: Transform
    intervals: IntervalRule


@dataclass(frozen=True, eq=False)
class NumberCandidate:
    """An evaluated way of predicting a number.

    Parameters
    ----------
    name
        What people call it.
    frozen
        Where its features come from.
    predicted
        Out-of-fold predictions, ``(n,)``.
    nested
        Its ridge; None for a constant.
    """

    name: str
    frozen: FrozenPart
    predicted: Float64
    nested: NestedNumbers | None
    seconds: float
    baseline: bool = True

    @property
    def numbers(self) -> Float64:
        """The true numbers, ``(n,)``."""
        return self.frozen.data.numbers

    @property
    def backbone(self) -> str:
        """What its features come from."""
        return self.frozen.opened.backbone.name

    @property
    def losses(self) -> Float64:
        """The absolute error of each out-of-fold prediction, ``(n,)``."""
        return np.asarray(NUMBER.losses(NumberTargets(self.numbers), self.predicted)[0])

    def finished(
        self, *, error_rate: float, groups: NDArray[np.integer] | None = None
    ) -> NumberModelParts:
        """The model on all items, with its intervals."""
        transform, column = self._whole()
        rule, spread = fit_intervals(
            None if self.nested is None else self.nested.ridge,
            transform,
            self.numbers,
            self.predicted,
            error_rate=error_rate,
            groups=groups,
        )
        return self._model(transform, column, rule, spread)

    def _whole(self) -> tuple[Transform, Column | None]:
        if self.nested is None:
            return fit_transform("none", self.numbers), None
        return self.nested.whole.transform, self.nested.whole.column

    def _width(self) -> int:
        return int(self.frozen.features.shape[1])

    def _model(
        self,
        transform: Transform,
        column: Column | None,
        rule: IntervalRule,
        spread: Column | None,
    ) -> NumberModelParts:
        constants = (
            float(transform.forward([np.median(self.numbers)])[0]),
            rule.usual,
        )
        width = self._width()
        columns = (column, spread)
        weight = np.zeros((width, 2), np.float32)
        for i, one in enumerate(columns):
            if one is not None:
                weight[:, i] = one.weight
        bias = [c if one is None else one.bias for c, one in zip(constants, columns, strict=True)]
        head = LinearHead(weight, np.array(bias, np.float32), normalise=False)
        return NumberModelParts(self.frozen, head, transform, rule)


def median_candidate(frozen: FrozenPart, folds: NDArray[np.integer]) -> NumberCandidate:
    """The median of the other folds' numbers, whatever the item."""
    begun, numbers = time.monotonic(), frozen.data.numbers
    predicted = np.empty(len(numbers))
    for fold in np.unique(folds):
        predicted[folds == fold] = NUMBER.constant(NumberTargets(numbers[folds != fold]))
    return NumberCandidate(MEDIAN, frozen, predicted, None, time.monotonic() - begun)


def ridge_candidate(
    name: str,
    frozen: FrozenPart,
    folds: NDArray[np.integer],
    *,
    groups: NDArray[np.integer] | None,
    baseline: bool,
    progress: Progress,
) -> NumberCandidate:
    """A ridge on a network's features."""
    begun = time.monotonic()
    nested = nested_numbers(
        FixedRows(frozen.features), frozen.data.numbers, folds, groups=groups, progress=progress
    )
    seconds = time.monotonic() - begun
    return NumberCandidate(name, frozen, nested.predicted, nested, seconds, baseline)


@dataclass(frozen=True, eq=False)
class NumberSelection:
    """Which candidate is used, and what is reported of it.

    Parameters
    ----------
    chosen
        Its position.
    verdict
        Why; None where there was one candidate only.
    predicted
        Predictions to report, ``(n,)``: of each item by the candidate that would be chosen
        without its fold.
    """

    chosen: int
    verdict: Selection | None
    predicted: Float64


def select_candidate(
    candidates: Sequence[NumberCandidate],
    folds: NDArray[np.integer],
    groups: NDArray[np.integer],
) -> NumberSelection:
    """The simplest candidate within one standard error of the smallest mean absolute error.

    Parameters
    ----------
    candidates
        From simple to complex; the last is used where there are too few items to compare.
    folds, groups
        Fold and group of each item, ``(n,)``.
    """
    if len(candidates) == 1:
        return NumberSelection(0, None, candidates[0].predicted)
    every = np.ones(len(folds), bool)
    verdict = _verdict(candidates, folds, groups, every)
    chosen = _position(candidates, verdict.chosen)
    predicted = candidates[chosen].predicted.copy()
    if verdict.ranked:
        for fold in np.unique(folds):
            own = folds == fold
            other = _position(candidates, _verdict(candidates, folds, groups, ~own).chosen)
            predicted[own] = candidates[other].predicted[own]
    return NumberSelection(chosen, verdict, predicted)


def _verdict(
    candidates: Sequence[NumberCandidate],
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
    """Why this one, in the units of the target."""
    ranked_candidates = {
        ranked_candidate.name: ranked_candidate for ranked_candidate in verdict.ranked_candidates
    }
    chosen = ranked_candidates[verdict.chosen]
    if chosen.behind is None:
        simpler = [s for s in verdict.ranked_candidates if s.beaten]
        over = f", below {', '.join(s.name for s in simpler)}" if simpler else ""
        return f"{chosen.name} has the lowest mean absolute error, {-chosen.score:.4g}{over}."
    return (
        f"The mean absolute error of {verdict.leader} is {chosen.behind.difference:.3g} below "
        f"that of {chosen.name}, within one standard error: {chosen.name} is simpler."
    )


def _position(candidates: Sequence[NumberCandidate], name: str) -> int:
    return [candidate.name for candidate in candidates].index(name)
