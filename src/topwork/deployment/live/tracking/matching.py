"""Which rows and columns of a table belong together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
Pairs = tuple[NDArray[np.intp], NDArray[np.intp]]


def best_pairs(value: Float64, least: float) -> Pairs:
    """Rows and columns paired so that the sum of their values is largest, each at most once.

    Parameters
    ----------
    value
        ``(n, m)``, from 0 to 1.
    least
        What a pair must be worth.

    Examples
    --------
    >>> rows, columns = best_pairs(np.float64([[0.9, 0.8], [0.8, 0.0]]), 0.1)
    >>> columns.tolist()
    [1, 0]
    """
    from scipy.optimize import linear_sum_assignment

    allowed = value >= least
    rows, columns = linear_sum_assignment(np.where(allowed, value, -1e3), maximize=True)
    kept = allowed[rows, columns]
    return rows[kept], columns[kept]
