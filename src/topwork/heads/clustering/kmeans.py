"""k-means from many starts, by whatever measure of nearness."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from topwork.errors import ParameterError
from topwork.heads.clustering.geometry import SPHERE, Codes, Geometry, Rows
from topwork.runtime.parallel import one_blas_thread, side_by_side

N_STARTS = 20
_ROUNDS = 100
#: Starts look at so many rows; the best of them then goes on with all.
_MAX_ROWS = 10_000


@dataclass(frozen=True, eq=False)
class Clustering:
    """Centres and the cluster of each row.

    Parameters
    ----------
    centres
        (k, a), the largest cluster first.
    codes
        (n,), 0 to k − 1: the nearest centre.
    """

    centres: Rows
    codes: Codes


def best_start(
    rows: Rows, k: int, n_starts: int, seed: int, geometry: Geometry = SPHERE
) -> Clustering:
    """Clusters of rows (n, a) in canonical order whose mean nearness to their centre is largest.

    Every start is k-means++ (greedy, of Arthur and Vassilvitskii 2007) and goes on until no row
    changes its cluster; the best of them is kept.

    Examples
    --------
    >>> from topwork.heads.clustering.geometry import PLANE
    >>> rows = np.float32([[0, 1], [0, 2], [9, 9]])
    >>> best_start(rows, 2, 3, 0, PLANE).centres.tolist()
    [[0.0, 1.5], [9.0, 9.0]]
    """
    check_count(rows, k)
    seeds = np.random.SeedSequence((seed, k)).spawn(n_starts)
    with one_blas_thread():
        found = side_by_side(partial(_from_start, rows[:_MAX_ROWS], k, geometry), seeds)
        best = max(range(n_starts), key=lambda i: found[i][0])
        _, centres, codes = _until_settled(rows, found[best][1], geometry)
        return _by_size(centres, codes)


def check_count(rows: Rows, k: int) -> None:
    """Raises a `ParameterError` where there cannot be k clusters."""
    if not 1 <= k <= len(rows):
        raise ParameterError(
            f"{k} clusters of {len(rows)} items are not possible.",
            remedy=f"Ask for 1 to {len(rows)} clusters.",
        )


def _from_start(
    rows: Rows, k: int, geometry: Geometry, seed: np.random.SeedSequence
) -> tuple[float, Rows, Codes]:
    first = rows[_spread(rows, k, geometry, np.random.default_rng(seed))]
    return _until_settled(rows, first, geometry)


def _spread(rows: Rows, k: int, geometry: Geometry, rng: np.random.Generator) -> Codes:
    """Rows to start from, each likely far from those before it: (k,)."""
    n_candidates = 2 + int(np.log(k))
    chosen = [int(rng.integers(len(rows)))]
    far = geometry.gaps(rows, rows[chosen])[0]
    for _ in range(k - 1):
        total = np.cumsum(far, dtype=np.float64)
        drawn = np.searchsorted(total, rng.random(n_candidates) * total[-1])
        drawn = np.minimum(drawn, len(rows) - 1)
        nearer = np.minimum(far, geometry.gaps(rows, rows[drawn]))
        best = int(nearer.sum(axis=1, dtype=np.float64).argmin())
        chosen.append(int(drawn[best]))
        far = nearer[best]
    return np.array(chosen, np.intp)


def _until_settled(rows: Rows, centres: Rows, geometry: Geometry) -> tuple[float, Rows, Codes]:
    """Lloyd's rounds: mean nearness, centres and codes."""
    before = None
    for _ in range(_ROUNDS):
        near = geometry.nearness(rows, centres)
        codes = near.argmax(axis=1)
        if before is not None and np.array_equal(codes, before):
            break
        centres, before = _means(rows, codes, near, geometry), codes
    near = geometry.nearness(rows, centres)
    codes = near.argmax(axis=1)
    return float(near.max(axis=1).mean(dtype=np.float64)), centres, codes


def _means(rows: Rows, codes: Codes, near: Rows, geometry: Geometry) -> Rows:
    """Centres of the clusters; an empty one begins anew at a row far from its centre."""
    from scipy.sparse import csr_array

    n, k = near.shape
    member = csr_array((np.ones(n, np.float32), codes, np.arange(n + 1)), shape=(n, k))
    sums, sizes = member.T @ rows, np.bincount(codes, minlength=k)
    empty = np.flatnonzero(sizes == 0)
    if len(empty):
        own = near.max(axis=1)
        sums[empty] = rows[np.argsort(own, kind="stable")[: len(empty)]]
    return geometry.centres(sums, np.maximum(sizes, 1), rows[:k])


def _by_size(centres: Rows, codes: Codes) -> Clustering:
    """The largest cluster first; of equal ones that with the first row."""
    k = len(centres)
    order = np.argsort(-np.bincount(codes, minlength=k), kind="stable")
    rank = np.empty(k, np.intp)
    rank[order] = np.arange(k)
    return Clustering(centres[order], rank[codes])
