"""How many clusters there are, if one number stands out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.errors import ParameterError
from topwork.heads.clustering.clouds import cloud_like
from topwork.heads.clustering.few_or_many import FewOrMany
from topwork.heads.clustering.geometry import SPHERE, Geometry
from topwork.heads.clustering.kmeans import best_start
from topwork.heads.clustering.order import canonical_order
from topwork.runtime.parallel import one_blas_thread

#: Of the best excess over one cloud; numbers that reach it are as good as the best.
_AS_GOOD = 0.9
#: How far the numbers that are as good may be from the best one: so many, or this share of it.
_NEAR, _NEAR_SHARE = 1, 0.15
_MAX_ROWS = 2000
_STARTS = 5
_CLOUDS, _CLOUD_STARTS = 3, 2

Rows = NDArray[np.float32]
Codes = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class ClusterCount:
    """The number of clusters.

    Parameters
    ----------
    k
        The number that stands out, or None.
    scores
        Mean silhouette of each number that was tried, less that of one cloud with the same
        variances that is divided into as many parts; about 0 where there are no groups.
    stands_out
        Whether ``k`` is not None.
    """

    k: int | None
    scores: dict[int, float]
    stands_out: bool


def choose_n_clusters(
    rows: Rows,
    ks: Iterable[int],
    *,
    geometry: Geometry = SPHERE,
    ways: FewOrMany | None = None,
    seed: int = 0,
) -> ClusterCount:
    """The number of clusters whose silhouette stands out among ``ks``.

    Silhouettes grow with the number of parts of one cloud, too, the fewer axes the more: what
    counts is the excess over that. The best number is the smallest whose excess is within one
    standard error of the largest, as what it is compared with is the mean of a few draws. It stands
    out where all numbers that reach 90 % of the largest excess are within one or 15 % of it, and it
    is not the last that was tried. It says nothing of whether there are groups at all: see
    `structure_test`.

    Parameters
    ----------
    rows
        (n, a), float32, of length 1 in the geometry of cosines; of more than
        2,000, as many are looked at.
    ks
        Numbers to try, 2 at least.
    geometry
        By which clusters are found.
    ways
        How unit rows are divided, where it is not by k-means alone.
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
    >>> X = np.random.default_rng(0).normal(size=(99, 9)) + np.repeat(6 * np.eye(3, 9), 33, axis=0)
    >>> rows = (X / np.linalg.norm(X, axis=1, keepdims=True)).astype(np.float32)
    >>> choose_n_clusters(rows, range(2, 8)).k
    3
    """
    some = rows[canonical_order(rows)[:_MAX_ROWS]]
    tried = sorted({k for k in ks if 2 <= k < len(some)})
    if not tried:
        raise ParameterError(
            f"No possible number of clusters of {len(some)} items was given.",
            remedy=f"Give numbers from 2 to {len(some) - 1}.",
        )
    with one_blas_thread():
        scores, error = _excesses(some, tried, geometry, ways, seed)
    largest = max(scores.values())
    best = min(k for k in tried if scores[k] >= largest - error)
    as_good = [k for k in tried if scores[k] >= _AS_GOOD * largest]
    near = max(_NEAR, _NEAR_SHARE * best)
    one_place = all(abs(k - best) <= near for k in as_good) and scores[best] > 0
    clear = one_place and (best != tried[-1] or len(tried) == 1)
    return ClusterCount(best if clear else None, scores, clear)


def _excesses(
    rows: Rows, ks: list[int], geometry: Geometry, ways: FewOrMany | None, seed: int
) -> tuple[dict[int, float], float]:
    """Silhouettes of the rows less the mean of those of clouds, and the standard error of one."""
    centred = (rows - rows.mean(axis=0)).astype(np.float64)
    coordinates = centred @ np.linalg.eigh(centred.T @ centred)[1]
    clouds = []
    for own in np.random.SeedSequence(seed).spawn(_CLOUDS):
        cloud = cloud_like(coordinates, np.random.default_rng(own), skewed=False)
        clouds.append(geometry.placed(cloud))

    def silhouettes(some: Rows, n_starts: int) -> list[float]:
        if ways is not None:
            divide = ways.dividing(some, ks[-1], seed=seed)
            return [silhouette(some, divide(k, n_starts)) for k in ks]
        return [silhouette(some, best_start(some, k, n_starts, seed, geometry).codes) for k in ks]

    usual = np.array([silhouettes(cloud, _CLOUD_STARTS) for cloud in clouds])
    error = float(np.sqrt(usual.var(axis=0, ddof=1).mean() / _CLOUDS))
    excesses = np.array(silhouettes(rows, _STARTS)) - usual.mean(axis=0)
    return dict(zip(ks, excesses.tolist(), strict=True)), error


def silhouette(rows: Rows, codes: Codes) -> float:
    """Mean silhouette of rows (n, a) with clusters (n,), by half the squared distance.

    Of unit rows that is 1 − cosine. Mean distances to clusters come from their sums.

    Examples
    --------
    >>> silhouette(np.float32([[1, 0], [1, 0], [0, 1], [0, 1]]), np.array([0, 0, 1, 1]))
    1.0
    """
    sizes = np.bincount(codes).astype(np.float64)
    sums, squares = np.zeros((len(sizes), rows.shape[1])), np.zeros(len(sizes))
    halves = np.square(rows, dtype=np.float64).sum(axis=1) / 2
    np.add.at(sums, codes, rows)
    np.add.at(squares, codes, halves)
    totals = np.maximum(halves[:, None] * sizes + squares - rows @ sums.T, 0)
    each, own_size = np.arange(len(rows)), sizes[codes]
    own = totals[each, codes] / np.maximum(own_size - 1, 1)
    others = np.where(sizes > 0, totals / np.maximum(sizes, 1), np.inf)
    others[each, codes] = np.inf
    nearest = others.min(axis=1)
    widths = (nearest - own) / np.maximum(np.maximum(nearest, own), 1e-12)
    return float(np.where(own_size > 1, widths, 0).mean())
