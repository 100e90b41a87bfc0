"""Bins of numbers, which folds hold alike."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MAX_STRATA = 10
"""Bins of about equally many items."""

_ITEMS_PER_BIN = 5


def strata_like(
    numbers: NDArray[np.float64], known: NDArray[np.float64], codes: NDArray[np.integer]
) -> NDArray[np.int64]:
    """The bin of each number, ``(m,)``, among those that `strata` made of known ones, ``(n,)``.

    Examples
    --------
    >>> known = np.arange(20.0)
    >>> strata_like(np.array([-3.0, 7.0, 99.0]), known, strata(known)).tolist()
    [0, 1, 3]
    """
    edges = [known[codes == code].min() for code in np.unique(codes)[1:]]
    return np.searchsorted(np.array(edges), numbers, side="right").astype(np.int64)


def strata(numbers: NDArray[np.float64]) -> NDArray[np.int64]:
    """The quantile bin of each number, ``(n,)``; equal numbers share one.

    Examples
    --------
    >>> strata(np.arange(20.0)).tolist()[::5]
    [0, 1, 2, 3]
    """
    n = len(numbers)
    bins = max(1, min(MAX_STRATA, n // _ITEMS_PER_BIN))
    order = np.sort(numbers)
    edges = np.unique(order[[n * i // bins for i in range(1, bins)]])
    return np.searchsorted(edges, numbers, side="right").astype(np.int64)
