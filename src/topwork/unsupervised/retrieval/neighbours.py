"""What finds the rows nearest to a query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False, slots=True)
class Neighbours:
    """The k rows nearest to a query, nearest first; equal ones in the order of the rows.

    Parameters
    ----------
    positions
        int64 (k,).
    similarities
        float32 (k,), cosines.
    """

    positions: NDArray[np.int64]
    similarities: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.positions)


class FindsNeighbours(Protocol):
    """Rows that can be searched."""

    @property
    def exact(self) -> bool:
        """Whether the nearest are found for certain."""

    def __len__(self) -> int: ...

    def nearest(self, query: NDArray[np.floating], k: int) -> Neighbours:
        """The min(k, n) rows with the largest cosine to a query (d,)."""
        ...


def cosines(rows: NDArray[Any], query: NDArray[np.float32]) -> NDArray[np.float32]:
    """Cosines (n,) of rows (n, d) of any length with a unit query (d,); 0 for rows of zeros."""
    values = rows.astype(np.float32, copy=False)
    lengths = np.sqrt(np.einsum("nd,nd->n", values, values))
    found: NDArray[np.float32] = (values @ query) / np.maximum(lengths, 1e-30)
    return found


def largest(positions: NDArray[np.int64], similarities: NDArray[np.float32], k: int) -> Neighbours:
    """The k largest of m similarities, in order.

    Examples
    --------
    >>> found = largest(np.arange(3), np.float32([0.1, 0.9, 0.9]), 2)
    >>> found.positions.tolist()
    [1, 2]
    """
    if k < len(similarities):
        least = np.partition(similarities, -k)[-k]  # equal ones at the edge: the first rows stay
        inside = np.flatnonzero(similarities > least)
        edge = np.flatnonzero(similarities == least)[: k - len(inside)]
        chosen = np.concatenate([inside, edge])
        positions, similarities = positions[chosen], similarities[chosen]
    order = np.lexsort((positions, -similarities))
    return Neighbours(positions[order], similarities[order])
