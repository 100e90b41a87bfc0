"""Which of two classes to say when the two kinds of error cost differently."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.errors import ParameterError
from topwork.metrics.paired import PairedTest, paired_items
from topwork.metrics.records import Record

Float64 = NDArray[np.float64]


class CostThreshold(Record):
    """From which probability on to say the second class.

    Parameters
    ----------
    threshold
        On the calibrated probability of the second class; at or above it, say the second.
    cost
        Mean cost of an item at the threshold.
    cost_at_half
        The same at 0.5.
    saved
        Their difference with its interval; above 0 the threshold pays.
    """

    threshold: float
    cost: float
    cost_at_half: float
    saved: PairedTest


def decide(
    probabilities: NDArray[np.floating], threshold: float | None = None
) -> NDArray[np.int64]:
    """The class that is said for each item, (..., n): the most probable one, but of two classes the
    second from the threshold on, where there is one.

    Examples
    --------
    >>> decide(np.array([[0.7, 0.3], [0.9, 0.1]]), 0.2).tolist()
    [1, 0]
    """
    if threshold is None:
        return np.asarray(np.asarray(probabilities).argmax(axis=-1), np.int64)
    return np.asarray(np.asarray(probabilities)[..., 1] >= threshold, np.int64)


def least_cost(table: Float64) -> float:
    """From which probability of the second class on it costs least to say that, costs (2, 2)."""
    wrongly_second = table[0, 1] - table[0, 0]
    wrongly_first = table[1, 0] - table[1, 1]
    return float(wrongly_second / (wrongly_second + wrongly_first))


def cost_threshold(
    probabilities: NDArray[np.floating],
    codes: NDArray[np.integer],
    costs: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    n_folds: int | None = None,
) -> CostThreshold:
    """The threshold of least expected cost: ``(c₀₁ − c₀₀) / (c₀₁ − c₀₀ + c₁₀ − c₁₁)``.

    Calibrated probabilities need no search. The threshold that costs least on the items at hand
    fits their noise: in simulations with 100 items it costs more on fresh ones.

    Parameters
    ----------
    probabilities
        Held-out and calibrated, (n, 2).
    codes
        Class of each item, (n,), 0 or 1.
    costs
        Cost of saying class j where class i is true, (2, 2).
    groups
        Group of each item, (n,).
    n_folds
        Folds that the judging models were trained on, if any.

    Raises
    ------
    ParameterError
        There are not two classes, costs are not a finite (2, 2) table, or an error costs no more
        than being right.

    References
    ----------
    Elkan 2001, The foundations of cost-sensitive learning, eq. 2.

    Examples
    --------
    >>> probabilities = np.column_stack([1 - np.linspace(0, 1, 50), np.linspace(0, 1, 50)])
    >>> codes = (np.arange(50) >= 25).astype(int)
    >>> cost_threshold(probabilities, codes, [[0, 1], [4, 0]]).threshold
    0.2
    """
    table = _table(costs, np.shape(probabilities))
    threshold = least_cost(table)
    second = np.asarray(probabilities)[:, 1]
    at_half = table[codes, (second >= 0.5).astype(int)]
    at_threshold = table[codes, decide(probabilities, threshold)]
    return CostThreshold(
        threshold=threshold,
        cost=float(at_threshold.mean()),
        cost_at_half=float(at_half.mean()),
        saved=paired_items(at_half - at_threshold, groups=groups, n_folds=n_folds),
    )


def _table(costs: ArrayLike, shape: tuple[int, ...]) -> Float64:
    table = np.asarray(costs, dtype=np.float64)
    if len(shape) != 2 or shape[1] != 2 or table.shape != (2, 2) or not np.isfinite(table).all():
        raise ParameterError(
            f"costs has shape {table.shape} for probabilities of shape {shape}, expected (2, 2) "
            "numbers for two classes.",
            remedy="Give one cost for each pair of true and stated class.",
        )
    if table[0, 1] <= table[0, 0] or table[1, 0] <= table[1, 1]:
        raise ParameterError(
            "An error costs no more than the right answer.",
            remedy="Give [[0, cost of a false second], [cost of a false first, 0]].",
        )
    return table
