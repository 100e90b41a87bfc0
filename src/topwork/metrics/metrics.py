"""Scores of a classifier from counts: (…, k) arrays, so that many tables are scored at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: Probabilities are kept this far from 0, as scikit-learn does for float64.
SMALLEST_PROBABILITY = float(np.finfo(np.float64).eps)

Float64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ClassCounts:
    """How often each class occurs, is predicted, and both.

    Parameters
    ----------
    actual
        Items of each class, (…, k).
    predicted
        Items predicted as each class, (…, k).
    hits
        Items of each class predicted as it, (…, k).
    """

    actual: Float64
    predicted: Float64
    hits: Float64

    @classmethod
    def of(
        cls, codes: NDArray[np.integer], predicted: NDArray[np.integer], n_classes: int
    ) -> ClassCounts:
        """Count codes (n,) against predicted codes (n,).

        Examples
        --------
        >>> ClassCounts.of(np.array([0, 0, 1]), np.array([0, 1, 1]), 2).hits.tolist()
        [1.0, 1.0]
        """
        columns = (codes, predicted, codes[codes == predicted])
        return cls(*(np.bincount(c, minlength=n_classes).astype(np.float64) for c in columns))


def _ratio(numerator: Float64, denominator: Float64) -> Float64:
    """numerator / denominator, 0 where both are 0."""
    return numerator / np.where(denominator > 0, denominator, 1)


def recall(counts: ClassCounts) -> Float64:
    """Share of each class that is found, (…, k); 0 for a class without items."""
    return _ratio(counts.hits, counts.actual)


def precision(counts: ClassCounts) -> Float64:
    """Share of each class's predictions that are right, (…, k); 0 where there are none."""
    return _ratio(counts.hits, counts.predicted)


def f1(counts: ClassCounts) -> Float64:
    """2 hits / (actual + predicted), (…, k); 0 for a class that never occurs."""
    return _ratio(2 * counts.hits, counts.actual + counts.predicted)


def accuracy(counts: ClassCounts) -> Float64:
    """Share of items that are right, (…).

    Examples
    --------
    >>> float(accuracy(ClassCounts.of(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1]), 2)))
    0.75
    """
    return np.asarray(_ratio(counts.hits.sum(axis=-1), counts.actual.sum(axis=-1)))


def balanced_accuracy(counts: ClassCounts) -> Float64:
    """Mean over the classes present of the accuracy within each, (…).

    Examples
    --------
    >>> float(balanced_accuracy(ClassCounts.of(np.array([0, 0, 0, 1]), np.array([0, 0, 0, 0]), 2)))
    0.5
    """
    present = np.count_nonzero(counts.actual, axis=-1).astype(np.float64)
    return np.asarray(_ratio(recall(counts).sum(axis=-1), present))


def macro_f1(counts: ClassCounts) -> Float64:
    """Mean F1 of the classes that are present or predicted, (…).

    Examples
    --------
    >>> float(macro_f1(ClassCounts.of(np.array([0, 0, 1, 1]), np.array([0, 0, 1, 1]), 2)))
    1.0
    """
    occurring = np.count_nonzero(counts.actual + counts.predicted, axis=-1).astype(np.float64)
    return np.asarray(_ratio(f1(counts).sum(axis=-1), occurring))


def item_log_losses(codes: NDArray[np.integer], probabilities: NDArray[np.floating]) -> Float64:
    """−log of the probability (n, k) given to each item's own class, (n,).

    Examples
    --------
    >>> item_log_losses(np.array([1]), np.array([[0.5, 0.5]])).round(4).tolist()
    [0.6931]
    """
    own = probabilities[np.arange(len(codes)), codes].astype(np.float64)
    return np.asarray(-np.log(np.clip(own, SMALLEST_PROBABILITY, 1.0)))


def log_loss(codes: NDArray[np.integer], probabilities: NDArray[np.floating]) -> float:
    """Mean of ``item_log_losses``."""
    return float(item_log_losses(codes, probabilities).mean())


def item_briers(codes: NDArray[np.integer], probabilities: NDArray[np.floating]) -> Float64:
    """Σ over classes of (probability − truth)², (n,), each between 0 and 2 (Brier 1950).

    Examples
    --------
    >>> item_briers(np.array([0, 1]), np.array([[1.0, 0.0], [0.5, 0.5]])).tolist()
    [0.0, 0.5]
    """
    rows = probabilities.astype(np.float64)
    own = rows[np.arange(len(codes)), codes]
    return np.asarray(np.square(rows).sum(axis=1) - 2 * own + 1)


def in_top(
    codes: NDArray[np.integer], probabilities: NDArray[np.floating], count: int
) -> NDArray[np.bool_]:
    """Whether each item's class is among its ``count`` most probable, (n,); ties go against it.

    Examples
    --------
    >>> in_top(np.array([2, 2]), np.array([[0.5, 0.3, 0.2], [0.1, 0.3, 0.6]]), 2).tolist()
    [False, True]
    """
    own = probabilities[np.arange(len(codes)), codes]
    result: NDArray[np.bool_] = (probabilities >= own[:, None]).sum(axis=1) <= count
    return result
