"""Exact nearest neighbours by cosine, in memory."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from topwork.quality.neighbours import unit_rows
from topwork.unsupervised.retrieval.neighbours import Neighbours, cosines, largest
from topwork.unsupervised.retrieval.shortened_rows import BLOCK, shorten

FEW: Final = 20_000
"""Up to so many rows are compared as they are."""

N_AXES: Final = 128
"""Coordinates that the rows of larger collections are first compared in."""


class ExactNeighbours:
    """Rows (n, d) in memory, of which the nearest are found for certain.

    Many rows are first compared along their leading axes, which reads a fifth of the memory. What
    is left out bounds each cosine; only rows whose bound reaches the k-th best cosine are compared
    in full, so that the result is that of comparing all of them.

    Parameters
    ----------
    rows
        (n, d), of any length and float format.
    few
        Up to so many rows are compared as they are.

    Examples
    --------
    >>> found = ExactNeighbours(np.float32([[1, 0], [0, 2], [3, 3]])).nearest(np.float32([0, 1]), 2)
    >>> found.positions.tolist(), found.similarities.astype(float).round(3).tolist()
    ([1, 2], [1.0, 0.707])
    """

    exact: Final = True

    def __init__(self, rows: NDArray[Any], *, few: int = FEW) -> None:
        self._rows = rows
        self._every = np.arange(len(rows), dtype=np.int64)
        worth = len(rows) > few and rows.shape[1] > 2 * N_AXES
        self._short = shorten(rows, N_AXES) if worth else None
        self._unit = None if worth else unit_rows(rows)

    def __len__(self) -> int:
        return len(self._rows)

    def nearest(self, query: NDArray[np.floating], k: int) -> Neighbours:
        """The min(k, n) rows with the largest cosine to a query (d,)."""
        unit = unit_rows(query[None])[0]
        k = min(k, len(self))
        if self._unit is not None:
            return largest(self._every, self._unit @ unit, k)
        assert self._short is not None
        estimates, slack = self._short.bounds(unit)
        first = largest(self._every, estimates, min(4 * k, len(self)))
        reached = np.sort(self._cosines(first.positions, unit))[-k]
        estimates += slack
        chosen = np.flatnonzero(estimates >= reached)
        return largest(chosen, self._cosines(chosen, unit), k)

    def _cosines(
        self, positions: NDArray[np.int64], unit: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        parts = [positions[i : i + BLOCK] for i in range(0, len(positions), BLOCK)]
        return np.concatenate([cosines(self._rows[part], unit) for part in parts])
