"""Whether the groups that a new domain forms by itself support the assumption of all classes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from topwork.heads.domain.propagation import whitened
from topwork.transductive.candidates.proposals import agreed, proposals
from topwork.transductive.candidates.space import Space

MIN_MATCH = 0.65
"""Share of the items whose cluster and adapted label have to correspond one to one."""
MIN_SILHOUETTE = 0.08
"""Mean cosine silhouette of the adapted labels."""
_STARTS = 5
_MAX_ROWS = 2000

Labels = NDArray[np.intp]


def clusters_support_all(space: Space, *, seed: int = 0) -> float | None:
    """Match between the target's clusters and its labels after adapting to all classes.

    Where only some classes are present, adapting to all of them splits a class among several
    labels. Clusters that are found without any label don't follow such a split, and its parts don't
    stand apart.

    Returns
    -------
    The share of the items that match if clusters and labels correspond and stand apart, else None.
    """
    labels = agreed(proposals([space]))[1].labels
    rows = whitened(space.target)[0]
    kept = np.random.default_rng(seed).permutation(len(rows))[:_MAX_ROWS]
    rows, labels = rows[kept], labels[kept]
    if len(np.unique(labels)) < space.n_classes:
        return None
    match = matched_share(_clusters(rows, space.n_classes, seed), labels)
    apart = _silhouette(rows, labels)
    return match if match >= MIN_MATCH and apart >= MIN_SILHOUETTE else None


def matched_share(clusters: Labels, labels: Labels) -> float:
    """Share of the items in the best one-to-one assignment of clusters to labels, both (m,).

    Examples
    --------
    >>> matched_share(np.array([0, 0, 1, 1]), np.array([1, 1, 0, 1]))
    0.75
    """
    from scipy.optimize import linear_sum_assignment

    size = int(max(clusters.max(), labels.max())) + 1
    counts = np.zeros((size, size))
    np.add.at(counts, (clusters, labels), 1)
    pairs = linear_sum_assignment(-counts)
    return float(counts[pairs].sum() / len(labels))


def _clusters(rows: NDArray[np.float32], k: int, seed: int) -> Labels:
    from sklearn.cluster import KMeans

    found: Labels = KMeans(k, n_init=_STARTS, random_state=seed).fit_predict(rows)
    return found


def _silhouette(rows: NDArray[np.float32], labels: Labels) -> float:
    from sklearn.metrics import silhouette_score

    return float(silhouette_score(rows, labels, metric="cosine"))
