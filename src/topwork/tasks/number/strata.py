"""Bins of numbers, which folds hold alike."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MAX_STRATA = 10
"""Bins of about equally many items."""

_ITEMS_PER_BIN = 5


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
