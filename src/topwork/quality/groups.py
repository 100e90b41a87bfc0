"""Joining pairs into groups."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Groups = NDArray[np.int64]


def join_pairs(n: int, first: ArrayLike, second: ArrayLike) -> Groups:
    """Give n items group numbers such that paired items, and pairs of pairs, share one.

    Groups are numbered by their first item, so that the order of the pairs makes no difference.

    Parameters
    ----------
    n
        The number of items.
    first, second
        Positions of the m pairs.

    Returns
    -------
    numpy.ndarray
        int64 (n,); an item without a pair has a group of its own.

    Examples
    --------
    >>> join_pairs(5, [0, 3], [3, 4]).tolist()
    [0, 1, 2, 0, 0]
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    a, b = np.asarray(first, np.intp), np.asarray(second, np.intp)
    links = coo_array((np.ones(len(a), np.int8), (a, b)), shape=(n, n))
    return number_by_first(connected_components(links, directed=False)[1])


def join_groups(first: ArrayLike, second: ArrayLike) -> Groups:
    """Join two ways of grouping n items: what is together in either is together.

    Parameters
    ----------
    first, second
        (n,): values of any type that can be sorted.

    Examples
    --------
    >>> join_groups(["a", "a", "b", "c"], [0, 1, 1, 2]).tolist()
    [0, 0, 0, 1]
    """
    a, b = number_by_first(np.asarray(first)), number_by_first(np.asarray(second))
    n = len(a)
    together = join_pairs(2 * n, np.concatenate([np.arange(n), np.arange(n)]), _members(a, b, n))
    return number_by_first(together[:n])


def _members(a: Groups, b: Groups, n: int) -> NDArray[np.int64]:
    """The first member of each item's group, by the one way and by the other: (2 n,)."""
    return np.concatenate([_first_member(a, n), _first_member(b, n)])


def _first_member(groups: Groups, n: int) -> NDArray[np.int64]:
    _, first = np.unique(groups, return_index=True)
    assert len(groups) == n
    return first[groups].astype(np.int64)


def number_by_first(values: NDArray[np.generic]) -> Groups:
    """Number distinct values (n,) in the order in which they appear.

    Examples
    --------
    >>> number_by_first(np.array([7, 3, 7])).tolist()
    [0, 1, 0]
    """
    _, first, inverse = np.unique(values, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse.reshape(-1)]
