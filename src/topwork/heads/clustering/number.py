"""How many clusters there are, if one number stands out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.errors import ParameterError
from topwork.heads.clustering.order import canonical_order
from topwork.heads.clustering.spherical_kmeans import best_start
from topwork.runtime.parallel import one_blas_thread

#: Silhouettes below it belong to divisions of one cloud as well as to groups.
MIN_SILHOUETTE = 0.14
_MAX_ROWS = 3000
_STARTS = 10

Rows = NDArray[np.float32]
Codes = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class ClusterCount:
    """The number of clusters.

    Parameters
    ----------
    k
        The number with the highest silhouette, or None where none stands out.
    scores
        Mean cosine silhouette, −1 to 1, of each number that was tried.
    stands_out
        Whether ``k`` is not None.
    """

    k: int | None
    scores: dict[int, float]
    stands_out: bool


def choose_n_clusters(rows: Rows, ks: Iterable[int], *, seed: int = 0) -> ClusterCount:
    """The number of clusters whose silhouette stands out among ``ks``.

    Parameters
    ----------
    rows
        (n, a), unit rows, float32; of more than 3,000, as many are looked at.
    ks
        Numbers to try, 2 at least.
    seed
        Of the clusterings.

    Raises
    ------
    ParameterError
        No number between 2 and n − 1 is among ``ks``.

    References
    ----------
    Rousseeuw 1987, Silhouettes: a graphical aid to the interpretation and validation of cluster
    analysis.

    Examples
    --------
    >>> rows = np.repeat(np.eye(4, dtype=np.float32), 9, axis=0)
    >>> choose_n_clusters(rows, range(2, 8)).k
    4
    """
    some = rows[canonical_order(rows)[:_MAX_ROWS]]
    tried = sorted({k for k in ks if 2 <= k < len(some)})
    if not tried:
        raise ParameterError(
            f"No possible number of clusters of {len(some)} items was given.",
            remedy=f"Give numbers from 2 to {len(some) - 1}.",
        )
    with one_blas_thread():
        scores = {k: silhouette(some, best_start(some, k, _STARTS, seed).codes) for k in tried}
    best = max(tried, key=lambda k: scores[k])
    clear = scores[best] >= MIN_SILHOUETTE and (best != tried[-1] or len(tried) == 1)
    return ClusterCount(best if clear else None, scores, clear)


def silhouette(rows: Rows, codes: Codes) -> float:
    """Mean cosine silhouette of unit rows (n, a) with clusters (n,).

    Mean distances to clusters are those to their mean vectors, as 1 − cosine is linear.

    Examples
    --------
    >>> silhouette(np.float32([[1, 0], [1, 0], [0, 1], [0, 1]]), np.array([0, 0, 1, 1]))
    1.0
    """
    sizes = np.bincount(codes).astype(np.float64)
    sums = np.zeros((len(sizes), rows.shape[1]))
    np.add.at(sums, codes, rows)
    cosines = rows @ sums.T
    each = np.arange(len(rows))
    own_size = sizes[codes]
    own = 1 - (cosines[each, codes] - np.square(rows).sum(axis=1)) / np.maximum(own_size - 1, 1)
    others = np.where(sizes > 0, 1 - cosines / np.maximum(sizes, 1), np.inf)
    others[each, codes] = np.inf
    nearest = others.min(axis=1)
    widths = (nearest - own) / np.maximum(np.maximum(nearest, own), 1e-12)
    return float(np.where(own_size > 1, widths, 0).mean())
