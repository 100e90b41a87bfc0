"""Exact nearest neighbours by matrix products, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

BLOCK_BYTES = 64_000_000
"""Of similarities in memory at a time."""


def unit_rows(X: NDArray[np.floating]) -> NDArray[np.float32]:
    """Scale rows (n, d) to unit length; rows of zeros stay."""
    rows = X.astype(np.float32)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    np.divide(rows, lengths, out=rows, where=lengths > 0)
    return rows


def similarity_blocks(
    queries: NDArray[np.float32], rows: NDArray[np.float32]
) -> Iterator[tuple[slice, NDArray[np.float32]]]:
    """Give the cosines of unit queries (n, d) with unit rows (n, d), block by block: (b, n).

    An item's similarity to itself is -1, below that of any other.
    """
    n = len(rows)
    size = max(1, BLOCK_BYTES // (4 * max(n, 1)))
    for start in range(0, n, size):
        block = queries[start : start + size] @ rows.T
        here = np.arange(len(block))
        block[here, start + here] = -1.0
        yield slice(start, start + len(block)), block


def nearest(block: NDArray[np.float32], k: int) -> NDArray[np.intp]:
    """Positions of the ``k`` largest entries of each row: (b, min(k, n - 1)), in no order."""
    k = min(k, block.shape[1] - 1)
    if k < 1:
        return np.empty((len(block), 0), np.intp)
    result: NDArray[np.intp] = np.argpartition(block, -k, axis=1)[:, -k:]
    return result
