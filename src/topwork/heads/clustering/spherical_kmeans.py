"""k-means of unit rows by cosine, from many starts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from topwork.errors import ParameterError
from topwork.heads.clustering.order import canonical_order, put_back
from topwork.runtime.parallel import one_blas_thread, side_by_side

N_STARTS = 20
_ROUNDS = 100
#: Starts look at so many rows; the best of them then goes on with all.
_MAX_ROWS = 10_000

Rows = NDArray[np.float32]
Codes = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Clustering:
    """Centres and the cluster of each row.

    Parameters
    ----------
    centres
        (k, a), unit rows, the largest cluster first.
    codes
        (n,), 0 to k − 1: the centre with the largest cosine.
    """

    centres: Rows
    codes: Codes


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


def best_start(rows: Rows, k: int, n_starts: int, seed: int) -> Clustering:
    """The same of rows that are in canonical order."""
    check_count(rows, k)
    seeds = np.random.SeedSequence((seed, k)).spawn(n_starts)
    with one_blas_thread():
        found = side_by_side(partial(_from_start, rows[:_MAX_ROWS], k), seeds)
        best = max(range(n_starts), key=lambda i: found[i][0])
        _, centres, codes = _until_settled(rows, found[best][1])
        return _by_size(centres, codes)


def check_count(rows: Rows, k: int) -> None:
    """Raises a `ParameterError` where there cannot be k clusters."""
    if not 1 <= k <= len(rows):
        raise ParameterError(
            f"{k} clusters of {len(rows)} items are not possible.",
            remedy=f"Ask for 1 to {len(rows)} clusters.",
        )


def _from_start(rows: Rows, k: int, seed: np.random.SeedSequence) -> tuple[float, Rows, Codes]:
    return _until_settled(rows, rows[_spread(rows, k, np.random.default_rng(seed))])


def _spread(rows: Rows, k: int, rng: np.random.Generator) -> Codes:
    """Rows to start from, each likely far from those before it: (k,)."""
    n_candidates = 2 + int(np.log(k))
    chosen = [int(rng.integers(len(rows)))]
    far = _gaps(rows, rows[chosen])[0]
    for _ in range(k - 1):
        total = np.cumsum(far, dtype=np.float64)
        drawn = np.searchsorted(total, rng.random(n_candidates) * total[-1])
        drawn = np.minimum(drawn, len(rows) - 1)
        nearer = np.minimum(far, _gaps(rows, rows[drawn]))
        best = int(nearer.sum(axis=1, dtype=np.float64).argmin())
        chosen.append(int(drawn[best]))
        far = nearer[best]
    return np.array(chosen, np.intp)


def _gaps(rows: Rows, centres: Rows) -> Rows:
    """1 − cosine to each centre, (k, n)."""
    found: Rows = np.maximum(1 - centres @ rows.T, 0)
    return found


def _until_settled(rows: Rows, centres: Rows) -> tuple[float, Rows, Codes]:
    """Lloyd's rounds: mean cosine, centres and codes."""
    before = None
    for _ in range(_ROUNDS):
        cosines = rows @ centres.T
        codes = cosines.argmax(axis=1)
        if before is not None and np.array_equal(codes, before):
            break
        centres, before = _means(rows, codes, cosines), codes
    cosines = rows @ centres.T
    codes = cosines.argmax(axis=1)
    return float(cosines.max(axis=1).mean(dtype=np.float64)), centres, codes


def _means(rows: Rows, codes: Codes, cosines: Rows) -> Rows:
    """Unit means of the clusters; an empty one begins anew at a row far from its centre."""
    from scipy.sparse import csr_array

    n, k = cosines.shape
    member = csr_array((np.ones(n, np.float32), codes, np.arange(n + 1)), shape=(n, k))
    sums = member.T @ rows
    empty = np.flatnonzero(np.bincount(codes, minlength=k) == 0)
    if len(empty):
        own = cosines.max(axis=1)
        sums[empty] = rows[np.argsort(own, kind="stable")[: len(empty)]]
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    found: Rows = np.where(lengths > 1e-12, sums / np.maximum(lengths, 1e-12), rows[:k])
    return found


def _by_size(centres: Rows, codes: Codes) -> Clustering:
    """The largest cluster first; of equal ones that with the first row."""
    k = len(centres)
    order = np.argsort(-np.bincount(codes, minlength=k), kind="stable")
    rank = np.empty(k, np.intp)
    rank[order] = np.arange(k)
    return Clustering(centres[order], rank[codes])
