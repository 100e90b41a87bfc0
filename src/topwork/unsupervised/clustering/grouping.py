"""The groups of rows: whether there are any, how many, which, and how stable each is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.errors import DataError, ParameterError
from topwork.heads.clustering import (
    ClusterCount,
    ClusterStability,
    FewOrMany,
    HalfWhitened,
    StructureTest,
    choose_n_clusters,
    half_whitened,
    stability,
    structure_test,
)
from topwork.runtime.progress import Progress

MIN_ITEMS = 20
"""Of different content; with fewer nothing can be said about groups."""

MAX_CLUSTERS = 50
_ITEMS_PER_CLUSTER = 10
_FAR = 3.5 * 1.4826
_STEPS = 4
_NEARLY = 0.25

Rows = NDArray[np.float32]


@dataclass(frozen=True, eq=False, slots=True)
class Grouping:
    """The groups of n rows.

    Parameters
    ----------
    method
        By which clusters were found.
    space
        The projection that they were found in.
    rows
        The rows there, ``(n, a)``.
    centres
        Of length 1, ``(k, a)``, the largest cluster first.
    codes
        The nearest centre of each row, ``(n,)``.
    structure
        Whether there are groups.
    count
        Which numbers of clusters were compared; None where the number was given.
    k_range
        The least and the largest number of clusters that were possible.
    stabilities
        Of each cluster.
    """

    method: str
    space: HalfWhitened
    rows: Rows
    centres: Rows
    codes: NDArray[np.intp]
    structure: StructureTest
    count: ClusterCount | None
    k_range: tuple[int, int]
    stabilities: list[ClusterStability]

    @property
    def cosines(self) -> Rows:
        """Of each row with its own centre, ``(n,)``."""
        found: Rows = np.einsum("ij,ij->i", self.rows, self.centres[self.codes])
        return found

    def least(self) -> Rows:
        """The cosine with each centre below which a row is an outlier, ``(k,)``.

        The median of its cluster less 3.5 robust deviations (1.4826 times the median absolute
        deviation).
        """
        cosines = self.cosines
        found = []
        for code in range(len(self.centres)):
            own = cosines[self.codes == code]
            middle = np.median(own)
            spread = max(float(np.median(np.abs(own - middle))), 1e-6)
            found.append(middle - _FAR * spread)
        return np.array(found, np.float32)


def group(
    X: Rows, *, n_clusters: int | None, ways: FewOrMany, seed: int, progress: Progress
) -> Grouping:
    """Divide rows ``(n, d)`` of different content; see `Grouping`.

    Raises
    ------
    DataError
        There are too few rows.
    ParameterError
        More clusters are asked for than there can be.
    """
    check_enough(len(X), n_clusters)
    progress(0, _STEPS)
    structure = structure_test(X, seed=seed)
    progress(1, _STEPS)
    space = half_whitened(X)
    rows = space.transform(X)
    most = most_clusters(len(X))
    count = None
    if not n_clusters:
        count = choose_n_clusters(rows, range(2, most + 1), ways=ways, seed=seed)
    progress(2, _STEPS)
    k = n_clusters or chosen_number(count, few=not structure.found)
    centres, codes = by_size(rows, centres_of(rows, ways.codes(rows, k, seed=seed)))
    progress(3, _STEPS)
    stabilities = stability(rows, len(centres), codes=codes, seed=seed)
    progress(_STEPS, _STEPS)
    method = "normalised cut" if ways.cuts(k) else "spherical k-means"
    return Grouping(method, space, rows, centres, codes, structure, count, (2, most), stabilities)


def most_clusters(n: int) -> int:
    """The largest number of clusters that is tried: of ten items each, of few items ten of four.

    Examples
    --------
    >>> [most_clusters(n) for n in (20, 36, 300, 10_000)]
    [5, 9, 30, 50]
    """
    return min(MAX_CLUSTERS, max(n // _ITEMS_PER_CLUSTER, min(10, n // 4)))


def check_enough(n: int, n_clusters: int | None) -> None:
    """Refuse fewer different items than can be clustered, or more clusters than they can form."""
    if n < MIN_ITEMS:
        raise DataError(
            f"There are {n} items of different content.",
            remedy=f"Give at least {MIN_ITEMS}; with fewer nothing can be said about groups.",
            code="too_few_items",
        )
    if n_clusters is not None and n_clusters > n // 2:
        raise ParameterError(
            f"n_clusters, the number of clusters, is {n_clusters}, but only {n} items differ.",
            remedy=f"Ask for {n // 2} clusters at most.",
        )


def chosen_number(count: ClusterCount | None, *, few: bool) -> int:
    """The number that stands out, else the one with the highest excess silhouette.

    Parameters
    ----------
    few
        Whether the smallest within a quarter of the highest is taken instead: where no groups are
        shown, more clusters would only be more parts of what may be one.
    """
    assert count is not None, "a number was given"
    if count.k:
        return count.k
    largest = max(count.scores.values())
    least = largest - _NEARLY * abs(largest) if few else largest
    return min(k for k, score in count.scores.items() if score >= least)


def centres_of(rows: Rows, codes: NDArray[np.integer]) -> Rows:
    """The mean direction of each cluster, ``(k, a)``; clusters without rows are left out.

    Examples
    --------
    >>> centres_of(np.float32([[1, 0], [1, 0], [0, 1]]), np.array([0, 0, 1])).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    means = np.stack([rows[codes == code].mean(axis=0) for code in np.unique(codes)])
    found: Rows = means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-12)
    return found.astype(np.float32)


def by_size(rows: Rows, centres: Rows) -> tuple[Rows, NDArray[np.intp]]:
    """Centres that are the nearest of some row, the largest cluster first, and those of the rows.

    Examples
    --------
    >>> rows = np.float32([[1, 0], [0, 1], [0, 1]])
    >>> by_size(rows, np.float32([[1, 0], [0, 1], [-1, 0]]))[1].tolist()
    [1, 0, 0]
    """
    sizes = np.bincount((rows @ centres.T).argmax(axis=1), minlength=len(centres))
    order = np.lexsort((np.arange(len(sizes)), -sizes))
    kept = centres[order[sizes[order] > 0]]
    codes: NDArray[np.intp] = (rows @ kept.T).argmax(axis=1)
    return kept, codes
