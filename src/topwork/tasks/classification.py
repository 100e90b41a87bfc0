"""One class for each item."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.data import ClassTargets, Dataset, OrdinalTargets
from topwork.metrics import Scores
from topwork.validation.repeated import judge_repeats


@dataclass(frozen=True, slots=True)
class Classification:
    """Classes; predictions are their probabilities, or logits where only the largest counts."""

    name: Literal["classes"] = "classes"

    def parse(self, data: Dataset) -> Dataset:
        """The labels as classes, whatever they look like."""
        targets = data.classes
        if isinstance(targets, OrdinalTargets):
            targets = ClassTargets.from_labels(targets.values())
        return data if targets is None else replace(data, targets=replace(targets, certain=True))

    def strata(self, targets: ClassTargets) -> NDArray[np.int64]:
        """The class of each item."""
        return np.asarray(targets.codes, np.int64)

    def constant(self, targets: ClassTargets) -> NDArray[np.float64]:
        """The share of each class, ``(k,)``."""
        counts = targets.counts()
        return np.asarray(counts / max(counts.sum(), 1))

    def losses(self, targets: ClassTargets, predicted: NDArray[Any]) -> NDArray[np.float64]:
        """1 where another class is more probable than the right one, else 0."""
        wrong = predicted.argmax(axis=-1) != targets.codes
        return np.atleast_2d(wrong).astype(np.float64)

    def scores(
        self,
        targets: ClassTargets,
        predicted: NDArray[Any],
        *,
        groups: ArrayLike | None = None,
    ) -> Scores:
        """Accuracy, balanced accuracy, macro F1 and log loss of probabilities ``(r, n, k)``."""
        labels = [str(label) for label in targets.labels]
        return judge_repeats(targets.codes, predicted, labels, groups=groups).scores


CLASSES = Classification()
