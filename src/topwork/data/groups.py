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
    a, b = np.asarray(first, np.intp), np.asarray(second, np.intp)
    lowest = np.arange(n)  # a member of each item's group; at the end the first one
    while True:
        joined = np.minimum(lowest[a], lowest[b])
        np.minimum.at(lowest, lowest[a], joined)
        np.minimum.at(lowest, lowest[b], joined)
        while not np.array_equal(lowest, lowest[lowest]):
            lowest = lowest[lowest]
        if np.array_equal(lowest[a], lowest[b]):
            return number_by_first(lowest)


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
    items = np.arange(len(a))
    return join_pairs(
        len(a),
        np.concatenate([items, items]),
        np.concatenate([_first_members(a), _first_members(b)]),
    )


def _first_members(groups: Groups) -> NDArray[np.intp]:
    """The first item of each item's group, (n,)."""
    _, first = np.unique(groups, return_index=True)
    return first[groups]


def number_by_first(values: NDArray[np.generic]) -> Groups:
    """Number distinct values (n,) in the order in which they appear.

    Examples
    --------
    >>> number_by_first(np.array([7, 3, 7])).tolist()
    [0, 1, 0]
    """
    _, first, inverse = np.unique(values, return_index=True, return_inverse=True)
    rank: Groups = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    numbers: Groups = rank[inverse.reshape(-1)]
    return numbers
