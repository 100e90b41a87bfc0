"""Several labels for each item."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.data import BoxTargets, ClassTargets, Dataset, LabelTargets, labels_in_cells
from topwork.errors import DataError
from topwork.heads.label_folds import label_folds
from topwork.heads.one_vs_rest import log_losses
from topwork.tasks.labels.scores import LabelsScores, labels_scores
from topwork.tasks.labels.thresholds import log_odds

_SMALLEST = 1e-6
"""Probabilities are kept this far from 0 and 1 where their log loss is taken."""


@dataclass(frozen=True, eq=False)
class LabelAnswers:
    """What is predicted of n items.

    Parameters
    ----------
    probabilities
        Of each label, (n, L).
    given
        Whether the label is predicted, (n, L).
    """

    probabilities: NDArray[np.float64]
    given: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class LabelsTask:
    """Sets of labels; predictions are probabilities, and which labels they are enough for."""

    name: Literal["labels"] = "labels"

    def parse(self, data: Dataset) -> Dataset:
        """Each label as a set of labels that a separator divides.

        Raises
        ------
        topwork.errors.DataError
            There are boxes or numbers in place of labels.
        """
        targets = data.targets
        if isinstance(targets, BoxTargets):
            raise DataError(
                "These images are annotated with boxes, and labels of whole images are needed "
                "here.",
                remedy="Give a table with the columns path and label.",
                code="other_task",
            )
        if not isinstance(targets, ClassTargets):
            return data if targets is None else replace(data, targets=data.several)
        found, said = labels_in_cells([str(label) for label in targets.values()])
        return replace(data, targets=found, hints=(*data.hints, *said))

    def strata(self, targets: LabelTargets) -> NDArray[np.int64]:
        """The rarest label that each item has; L for an item that has none.

        Examples
        --------
        >>> y = np.array([[1, 1], [1, 0], [0, 0]], np.int8)
        >>> LABELS.strata(LabelTargets(("common", "rare"), y)).tolist()
        [1, 0, 2]
        """
        return rarest(targets.presence, targets.counts())

    def folds(
        self,
        targets: LabelTargets,
        *,
        n_folds: int,
        groups: ArrayLike | None = None,
        seed: int = 0,
    ) -> NDArray[np.intp]:
        """Fold of each item, (n,): every label is spread evenly; see `label_folds`."""
        return label_folds(targets.presence, n_folds=n_folds, groups=groups, seed=seed)

    def constant(self, targets: LabelTargets) -> NDArray[np.float64]:
        """The share of the items that have each label, (L,), of those of which it is known."""
        known = (targets.presence >= 0).sum(axis=0)
        return np.asarray((targets.counts() + 0.5) / (known + 1))

    def losses(
        self, targets: LabelTargets, probabilities: NDArray[np.floating]
    ) -> NDArray[np.float64]:
        """Mean log loss of the known labels of each item, (1, n); 0 where none is known."""
        p = np.clip(probabilities, _SMALLEST, 1 - _SMALLEST)
        each = log_losses(log_odds(p), targets.presence)
        known = np.maximum((targets.presence >= 0).sum(axis=1), 1)
        return np.atleast_2d(each.sum(axis=1) / known)

    def scores(
        self,
        targets: LabelTargets,
        predicted: LabelAnswers,
        *,
        groups: ArrayLike | None = None,
    ) -> LabelsScores:
        """Mean average precision, F1, AUROC and the share of empty predictions."""
        return labels_scores(
            targets.presence,
            predicted.probabilities,
            predicted.given,
            groups=groups,
            cross_validated=True,
        )


def rarest(presence: NDArray[np.int8], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Of each item the label that it has and that fewest others have, (m,); L for none.

    Parameters
    ----------
    presence
        (m, L).
    counts
        How many items have each label, (L,).

    Examples
    --------
    >>> rarest(np.array([[1, 1], [0, -1]], np.int8), np.array([9, 2])).tolist()
    [1, 2]
    """
    rarity = np.where(presence == 1, counts, np.iinfo(np.int64).max)
    none = ~(presence == 1).any(axis=1)
    return np.where(none, len(counts), rarity.argmin(axis=1)).astype(np.int64)


def label_sets(targets: LabelTargets) -> NDArray[np.int64]:
    """A number for each distinct set of labels, unknown ones among them, (n,).

    Examples
    --------
    >>> label_sets(LabelTargets(("a",), np.array([[1], [0], [1]], np.int8))).tolist()
    [1, 0, 1]
    """
    return np.unique(targets.presence, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)


LABELS = LabelsTask()
