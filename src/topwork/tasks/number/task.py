"""One number for each item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.data import (
    BoxTargets,
    ClassTargets,
    Dataset,
    Label,
    LabelTargets,
    NumberTargets,
    read_numbers,
)
from topwork.errors import DataError
from topwork.heads import stratified_folds
from topwork.tasks.number.scores import NumberScores, number_scores
from topwork.tasks.number.strata import strata

_NO_NUMBER = "labels that say no number"
"""What rows without a number are counted as."""


@dataclass(frozen=True, slots=True)
class NumberTask:
    """Numbers; predictions are values in the units of the target."""

    name: Literal["number"] = "number"

    def parse(self, data: Dataset) -> Dataset:
        """Each label as a number; items whose label says that it is missing are left out.

        Raises
        ------
        topwork.errors.DataError
            Labels are no numbers, or can mean two; or there are boxes in place of labels.
        """
        targets = data.targets
        if isinstance(targets, BoxTargets):
            raise DataError(
                "These images are annotated with boxes, and one number per image is needed here.",
                remedy="Give a table with the columns path and label.",
                code="other_task",
            )
        if isinstance(targets, LabelTargets):
            raise DataError(
                "These items have several labels each, and one number per item is needed here.",
                remedy="Name the column of numbers with --label NAME (columns={'label': NAME} in "
                "Python).",
                code="other_task",
            )
        return _parsed(data, targets) if isinstance(targets, ClassTargets) else data

    def strata(self, targets: NumberTargets) -> NDArray[np.int64]:
        """The quantile bin of each number."""
        return strata(targets.numbers)

    def folds(
        self,
        targets: NumberTargets,
        *,
        n_folds: int,
        groups: ArrayLike | None = None,
        seed: int = 0,
    ) -> NDArray[np.intp]:
        """Fold of each item, (n,), that hold low and high numbers alike."""
        return stratified_folds(self.strata(targets), n_folds=n_folds, groups=groups, seed=seed)

    def constant(self, targets: NumberTargets) -> NDArray[np.float64]:
        """The median."""
        return np.asarray(np.median(targets.numbers))

    def losses(self, targets: NumberTargets, predicted: NDArray[Any]) -> NDArray[np.float64]:
        """Absolute errors."""
        return np.atleast_2d(np.abs(np.asarray(predicted, np.float64) - targets.numbers))

    def scores(
        self,
        targets: NumberTargets,
        predicted: NDArray[Any],
        *,
        groups: ArrayLike | None = None,
    ) -> NumberScores:
        """Mean absolute error, RMSE, R² and Spearman's correlation of values ``(r, n)``."""
        return number_scores(targets.numbers, predicted, groups=groups, cross_validated=True)


NUMBER = NumberTask()


def _parsed(data: Dataset, targets: ClassTargets) -> Dataset:
    """Each label as a number; items whose label says that it is missing are left out."""
    found = read_numbers(targets.labels)
    counts = targets.counts()
    if found.bad or found.why:
        raise _no_numbers(targets.labels, counts, found.bad, found.why)
    present = np.array([number is not None for number in found.numbers], bool)
    values = np.array([0.0 if number is None else number for number in found.numbers])
    rows = np.flatnonzero(present[targets.codes])
    kept = replace(data, targets=NumberTargets(values[targets.codes]))
    if len(rows) == len(data):
        return kept
    ignored = {**data.ignored, _NO_NUMBER: len(data) - len(rows)}
    return replace(kept.take(rows), ignored=ignored, rejected=data.rejected)


def _no_numbers(
    labels: Sequence[Label], counts: np.ndarray, bad: Sequence[int], why: str
) -> DataError:
    if why:
        remedy = "Write all of them alike, as 1234.5, in one unit."
        return DataError(why, remedy=remedy, code="no_numbers")
    n = int(counts[list(bad)].sum())
    shown = ", ".join(repr(labels[i]) for i in bad[:3])
    return DataError(
        f"{n} of {int(counts.sum())} labels are not numbers, such as {shown}.",
        remedy="Correct them or leave their cells empty; or read the labels as classes with "
        "--task classes (ImageClassifier, TextClassifier).",
        code="no_numbers",
    )
