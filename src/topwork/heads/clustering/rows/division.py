"""Rows divided by plain k-means, the same in any order of them."""

from __future__ import annotations

import numpy as np

from topwork.heads.clustering.geometry import PLANE, Rows
from topwork.heads.clustering.kmeans import N_STARTS, Clustering, best_start
from topwork.heads.clustering.order import canonical_order
from topwork.heads.clustering.rows.nearest import distances


def row_kmeans(rows: Rows, k: int, *, n_starts: int = N_STARTS, seed: int = 0) -> Clustering:
    """Clusters of rows (n, a) with the least squared distances, the largest first.

    Equal rows are in one cluster, so that there may be fewer than k.

    Examples
    --------
    >>> row_kmeans(np.float32([[0, 1], [9, 9], [0, 2]]), 2).codes.tolist()
    [0, 1, 0]
    """
    found = best_start(rows[canonical_order(rows)], k, n_starts, seed, PLANE)
    sizes = np.bincount(distances(rows, found.centres).argmin(axis=1), minlength=k)
    order = np.lexsort((np.arange(k), -sizes))
    centres = found.centres[order[sizes[order] > 0]]
    return Clustering(centres, distances(rows, centres).argmin(axis=1))
