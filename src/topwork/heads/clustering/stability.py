"""Whether each cluster comes back when other items are looked at."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from topwork.heads.clustering.geometry import SPHERE, Geometry
from topwork.heads.clustering.kmeans import N_STARTS, best_start
from topwork.heads.clustering.order import canonical_order
from topwork.runtime.parallel import one_blas_thread, side_by_side

_REPEATS = 50
_SHARE = 0.5
_STARTS = 5
_MAX_ROWS = 4000

Rows = NDArray[np.float32]
Codes = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class ClusterStability:
    """How well one cluster comes back.

    Parameters
    ----------
    value
        Mean Jaccard index of the cluster and the most alike one of halves of the items, 0 to 1.
    low, high
        The middle 95 % of the halves, and the mean where that lies outside: one half among many
        alike ones may pull it there.
    """

    value: float
    low: float
    high: float


def stability(
    rows: Rows,
    k: int,
    *,
    codes: Codes | None = None,
    geometry: Geometry = SPHERE,
    seed: int = 0,
) -> list[ClusterStability]:
    """How well each of k clusters comes back in halves of the items drawn at random.

    Parameters
    ----------
    rows
        (n, a), float32, of length 1 in the geometry of cosines; of more than
        4,000, as many are looked at.
    k
        How many clusters; the list is in the order of `spherical_kmeans`'s.
    codes
        The clusters (n,), 0 to k − 1, where they were found in another way; the list is in their
        order then.
    geometry
        By which clusters are found.
    seed
        Of the clusterings and the halves.

    Raises
    ------
    ParameterError
        ``k`` is not between 1 and the number of rows.

    References
    ----------
    Hennig 2007, Cluster-wise assessment of cluster stability, section 2 (subsets).

    Examples
    --------
    >>> rows = np.repeat(np.eye(3, dtype=np.float32), 20, axis=0)
    >>> [one.value for one in stability(rows, 3)]
    [1.0, 1.0, 1.0]
    """
    order = canonical_order(rows)
    ordered = rows[order]
    whole = (
        best_start(ordered, k, N_STARTS, seed, geometry).codes if codes is None else codes[order]
    )
    some, known = ordered[:_MAX_ROWS], whole[:_MAX_ROWS]
    seeds = np.random.SeedSequence((seed, k, 1)).spawn(_REPEATS)
    with one_blas_thread():
        found = np.array(side_by_side(partial(_in_a_half, some, known, k, geometry), seeds))
    return [summary(one) for one in found.T]


def summary(halves: NDArray[np.float64]) -> ClusterStability:
    """Of the Jaccard indices of the halves, ``(50,)``."""
    mean = float(np.mean(halves))
    low, high = (float(v) for v in np.quantile(halves, (0.025, 0.975)))
    return ClusterStability(mean, min(low, mean), max(high, mean))


def _in_a_half(
    rows: Rows, codes: Codes, k: int, geometry: Geometry, seed: np.random.SeedSequence
) -> NDArray[np.float64]:
    """The best Jaccard index of each cluster in one half of the rows, (k,)."""
    rng = np.random.default_rng(seed)
    size = max(k, round(_SHARE * len(rows)))
    kept = np.sort(rng.permutation(len(rows))[:size])
    again = best_start(rows[kept], k, _STARTS, int(rng.integers(2**31)), geometry).codes
    counts = np.zeros((k, k))
    np.add.at(counts, (codes[kept], again), 1)
    union = counts.sum(axis=1, keepdims=True) + counts.sum(axis=0) - counts
    found: NDArray[np.float64] = (counts / np.maximum(union, 1)).max(axis=1)
    return found
