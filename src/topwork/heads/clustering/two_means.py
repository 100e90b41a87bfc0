"""How well rows divide into two."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_STARTS = 4
_ROUNDS = 50

Rows = NDArray[np.float32]


def two_means_index(rows: Rows, rng: np.random.Generator) -> float:
    """Sum of squares within the best two clusters over that about the mean; 0 to 1."""
    centred = rows - rows.mean(axis=0)
    total = float(np.square(centred, dtype=np.float64).sum())
    between = max(_between(centred, normal) for normal in _normals(centred, rng))
    return 1 - between / max(total, 1e-30)


def _normals(centred: Rows, rng: np.random.Generator) -> list[Rows]:
    """Directions to divide by at first: the axis of most variance, and random pairs of rows."""
    largest = np.zeros(centred.shape[1], np.float32)
    largest[centred.var(axis=0).argmax()] = 1
    pairs = rng.integers(len(centred), size=(_STARTS - 1, 2))
    return [largest, *(centred[a] - centred[b] for a, b in pairs)]


def _between(centred: Rows, normal: Rows) -> float:
    """Sum of squares between two clusters after Lloyd's rounds from a dividing direction.

    Of centred rows the two sums are opposite, which leaves one of them to compute.
    """
    n, offset, best = len(centred), 0.0, 0.0
    before: NDArray[np.bool_] | None = None
    for _ in range(_ROUNDS):
        first = centred @ normal > offset
        m = int(first.sum())
        if m in {0, n} or (before is not None and np.array_equal(first, before)):
            break
        total = first.astype(np.float32) @ centred
        normal = total * np.float32(1 / m + 1 / (n - m))
        offset = float(total @ total) * (1 / m**2 - 1 / (n - m) ** 2) / 2
        before = first
        best = float(total @ total) * (1 / m + 1 / (n - m))
    return best
