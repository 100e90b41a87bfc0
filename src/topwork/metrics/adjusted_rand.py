"""How far two divisions of the same items agree, beyond chance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from topwork.metrics.records import Score

_NORMAL = 1.96


def adjusted_rand(table: NDArray[np.integer]) -> float:
    """The adjusted Rand index: 1 for the same division, 0 on average for unrelated ones.

    Parameters
    ----------
    table
        How many items are in each part of the one division and of the other, ``(r, c)``.

    References
    ----------
    Hubert and Arabie 1985, Comparing partitions, eq. 5.

    Examples
    --------
    >>> adjusted_rand(np.array([[3, 0], [0, 2]])), adjusted_rand(np.array([[3, 2]]))
    (1.0, 0.0)
    """
    counts = np.asarray(table, np.float64)
    n = counts.sum()
    both, rows, columns = (
        _pairs(part).sum() for part in (counts, counts.sum(axis=1), counts.sum(axis=0))
    )
    expected = rows * columns / max(_pairs(n), 1)
    most = (rows + columns) / 2
    if most == expected:
        return 1.0
    return float((both - expected) / (most - expected))


def adjusted_rand_score(table: NDArray[np.integer]) -> Score:
    """The same with a 95 % interval: normal, with the jackknife's standard error over items.

    Examples
    --------
    >>> score = adjusted_rand_score(np.array([[30, 5], [4, 25]]))
    >>> round(score.value, 2), score.low < score.value < score.high
    (0.51, True)
    """
    counts = np.asarray(table, np.int64)
    value, n = adjusted_rand(counts), int(counts.sum())
    cells = np.argwhere(counts)
    without = np.empty(len(cells))
    for i, (row, column) in enumerate(cells):
        counts[row, column] -= 1
        without[i] = adjusted_rand(counts)
        counts[row, column] += 1
    weights = counts[tuple(cells.T)]
    mean = np.average(without, weights=weights)
    squared = (n - 1) / n * float(np.sum(weights * (without - mean) ** 2))
    margin = _NORMAL * float(np.sqrt(squared))
    return Score(value=value, low=max(value - margin, -1.0), high=min(value + margin, 1.0))


def _pairs(n: NDArray[np.float64]) -> NDArray[np.float64]:
    return n * (n - 1) / 2
