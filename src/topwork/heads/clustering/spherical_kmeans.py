"""k-means of unit rows by cosine, from many starts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from topwork.heads.clustering.kmeans import N_STARTS, Clustering, best_start
from topwork.heads.clustering.order import canonical_order, put_back

Rows = NDArray[np.float32]


def spherical_kmeans(rows: Rows, k: int, *, n_starts: int = N_STARTS, seed: int = 0) -> Clustering:
    """Clusters of the largest mean cosine between rows and centres.

    Every start is k-means++ (greedy, of Arthur and Vassilvitskii 2007) and goes on until no row
    changes its cluster; the best of them is kept.

    Parameters
    ----------
    rows
        (n, a), unit rows, float32.
    k
        How many clusters.
    n_starts
        Starts to choose the best from.
    seed
        Of the starts.

    Raises
    ------
    ParameterError
        ``k`` is not between 1 and the number of rows.

    References
    ----------
    Dhillon and Modha 2001, Concept decompositions for large sparse text data.

    Examples
    --------
    >>> rows = np.float32([[1, 0], [0, 1], [0.8, 0.6], [0.96, 0.28]])
    >>> spherical_kmeans(rows, 2).codes.tolist()
    [0, 1, 0, 0]
    """
    order = canonical_order(rows)
    found = best_start(rows[order], k, n_starts, seed)
    return Clustering(found.centres, put_back(order, found.codes))
