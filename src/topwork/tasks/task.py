"""What a task is: how labels are read, folds balanced, predictions judged."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import BaseModel

from topwork.data import (
    BoxTargets,
    ClassTargets,
    Dataset,
    LabelTargets,
    NumberTargets,
    OrdinalTargets,
)
from topwork.settings.choices import LabelledTask

TargetsT_contra = TypeVar(
    "TargetsT_contra",
    ClassTargets,
    LabelTargets,
    NumberTargets,
    OrdinalTargets,
    BoxTargets,
    contravariant=True,
)


class Task(Protocol[TargetsT_contra]):
    """What is predicted of an item."""

    @property
    def name(self) -> LabelledTask:
        """What it is called in JSON, on the command line and in bundles."""

    def parse(self, data: Dataset) -> Dataset:
        """The same data with the targets of this task.

        Raises
        ------
        topwork.errors.DataError
            The labels are none of it.
        """

    def strata(self, targets: TargetsT_contra) -> NDArray[np.int64]:
        """What folds hold alike, ``(n,)``: the class, a bin of numbers, the rarest label."""


class ArrayTask(Task[TargetsT_contra], Protocol[TargetsT_contra]):
    """A task with one prediction per item, and how that is judged.

    Predictions are arrays whose first axes are repeats and items: probabilities ``(r, n, k)`` of
    classes, values ``(r, n)`` of numbers.
    """

    def constant(self, targets: TargetsT_contra) -> NDArray[Any]:
        """The best prediction that looks at no item: of class probabilities, or one number."""

    def losses(self, targets: TargetsT_contra, predicted: NDArray[Any]) -> NDArray[np.float64]:
        """Loss of each prediction, ``(r, n)``, by which candidates are compared."""

    def scores(
        self,
        targets: TargetsT_contra,
        predicted: NDArray[Any],
        *,
        groups: ArrayLike | None = None,
    ) -> BaseModel:
        """Scores with 95 % intervals of out-of-fold predictions of r repeats."""
