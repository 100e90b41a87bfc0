"""Few clusters by spherical k-means, many by the normalised cut."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from topwork.heads.clustering.cut import leading_vectors, nearest_mean, normalised_cut, turned
from topwork.heads.clustering.kmeans import best_start
from topwork.heads.clustering.spherical_kmeans import spherical_kmeans

Rows = NDArray[np.float32]
Codes = NDArray[np.intp]

Divide = Callable[[int, int], Codes]
"""Clusters of some rows, given how many and how many starts there are."""


@dataclass(frozen=True, slots=True)
class FewOrMany:
    """How unit rows are divided.

    Parameters
    ----------
    cut_from
        The least number of clusters that the normalised cut finds; None if it finds none.
    """

    cut_from: int | None = None

    def cuts(self, k: int) -> bool:
        """Whether k clusters are found by the cut."""
        return self.cut_from is not None and k >= self.cut_from

    def codes(self, rows: Rows, k: int, *, seed: int = 0) -> Codes:
        """Clusters of unit rows (n, a), in any order of them; of the cut the nearest mean's.

        Examples
        --------
        >>> rows = np.float32([[1, 0], [0, 1], [0.96, 0.28]])
        >>> FewOrMany().codes(rows, 2).tolist(), FewOrMany(cut_from=3).cuts(2)
        ([0, 1, 0], False)
        """
        if not self.cuts(k):
            return spherical_kmeans(rows, k, seed=seed).codes
        return nearest_mean(rows, rows, normalised_cut(rows, k, seed=seed), k)

    def dividing(self, rows: Rows, most: int, *, seed: int = 0) -> Divide:
        """The same of unit rows in canonical order for several numbers, up to the most."""

        @cache
        def leading() -> NDArray[np.float64]:
            return leading_vectors(rows, most)

        def divide(k: int, n_starts: int) -> Codes:
            if not self.cuts(k):
                return best_start(rows, k, n_starts, seed).codes
            codes = best_start(turned(leading()[:, -k:]), k, n_starts, seed).codes
            return nearest_mean(rows, rows, codes, k)

        return divide
