"""Clusters of a graph of nearest neighbours, cut where it is thin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from topwork.heads.clustering.kmeans import N_STARTS, best_start, check_count
from topwork.heads.clustering.order import canonical_order, put_back
from topwork.heads.domain.propagation import neighbour_graph
from topwork.runtime.parallel import one_blas_thread

if TYPE_CHECKING:
    from scipy.sparse import csr_array

N_NEIGHBOURS = 30
#: Up to so many rows all eigenvectors are computed, exactly.
_DENSE = 1000
#: So many rows are cut; those beyond go with the rows that are nearest to them.
_MAX_ROWS = 20_000

Rows = NDArray[np.float32]
Codes = NDArray[np.intp]


def normalised_cut(rows: Rows, k: int, *, n_neighbours: int = N_NEIGHBOURS, seed: int = 0) -> Codes:
    """Clusters (n,) between which few of the neighbours' similarities are cut, 0 to k − 1.

    The k leading eigenvectors of ``D^−½ W D^−½``, their rows scaled to length 1, and spherical
    k-means of these. Equal rows are in one cluster.

    Parameters
    ----------
    rows
        (n, a), unit rows, float32.
    k
        How many clusters.
    n_neighbours
        That each row looks for; W is ``max(cosine, 0)³`` of them.
    seed
        Of the k-means.

    Raises
    ------
    ParameterError
        ``k`` is not between 1 and the number of rows.

    References
    ----------
    Ng, Jordan and Weiss 2002, On spectral clustering, section 2.

    Examples
    --------
    >>> rows = np.float32([[1, 0], [0.96, 0.28], [0, 1], [-0.28, 0.96], [-0.6, 0.8]])
    >>> normalised_cut(rows, 2, n_neighbours=1).tolist()
    [1, 1, 0, 0, 0]
    """
    check_count(rows, k)
    order = canonical_order(rows)
    ordered = rows[order]
    with one_blas_thread():
        some = ordered[:_MAX_ROWS]
        leading = leading_vectors(some, k, n_neighbours=n_neighbours)
        codes = _as_the_first(some, best_start(turned(leading), k, N_STARTS, seed).codes)
        codes = np.concatenate([codes, nearest_mean(ordered[_MAX_ROWS:], some, codes, k)])
    return put_back(order, codes)


def leading_vectors(rows: Rows, k: int, *, n_neighbours: int = N_NEIGHBOURS) -> NDArray[np.float64]:
    """Eigenvectors of the k largest eigenvalues of ``D^−½ W D^−½``, (n, k), the largest last."""
    return _eigenvectors(neighbour_graph(rows, neighbours=n_neighbours), k)


def turned(leading: NDArray[np.float64]) -> Rows:
    """Rows of eigenvectors (n, k), scaled to length 1."""
    lengths = np.linalg.norm(leading, axis=1, keepdims=True)
    found: Rows = (leading / np.maximum(lengths, 1e-12)).astype(np.float32)
    return found


def _eigenvectors(graph: csr_array, k: int) -> NDArray[np.float64]:
    from scipy.linalg import eigh
    from scipy.sparse import diags_array
    from scipy.sparse.linalg import eigsh

    n = graph.shape[0]
    degrees = np.asarray(graph.sum(axis=1), np.float64).ravel()
    scale = diags_array(1 / np.sqrt(np.maximum(degrees, 1e-12)))
    walk = (scale @ graph @ scale).astype(np.float64)
    if n <= max(_DENSE, 3 * k):
        return np.asarray(eigh(walk.toarray(), subset_by_index=(n - k, n - 1))[1])
    start = np.random.default_rng(0).uniform(0.5, 1.5, n)
    return np.asarray(eigsh(walk, k, which="LA", v0=start, tol=1e-6)[1])


def _as_the_first(rows: Rows, codes: Codes) -> Codes:
    """Equal rows, side by side in canonical order, with the cluster of the first of them."""
    new = np.ones(len(rows), bool)
    new[1:] = np.any(rows[1:] != rows[:-1], axis=1)
    found: Codes = codes[np.maximum.accumulate(np.where(new, np.arange(len(rows)), 0))]
    return found


def nearest_mean(rows: Rows, some: Rows, codes: Codes, k: int) -> Codes:
    """The cluster (m,) whose mean direction is nearest to rows (m, a), given those of some (n,).

    Examples
    --------
    >>> some = np.float32([[1, 0], [0, 1]])
    >>> nearest_mean(np.float32([[0.6, 0.8]]), some, np.array([1, 0]), 2).tolist()
    [0]
    """
    means = np.stack([some[codes == c].sum(axis=0) for c in range(k)])
    means /= np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-12)
    found: Codes = (rows @ means.T).argmax(axis=1)
    return found
