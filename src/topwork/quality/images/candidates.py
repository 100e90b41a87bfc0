"""Which pairs of images are worth a closer look."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.quality.neighbours import nearest, similarity_blocks

NEIGHBOURS = 5
"""Of each item, by features and by signature. A copy was among the first five of every image
tried, by one of the two."""


RANK = 3
"""Neighbours of an item within its class that are looked at closely."""


@dataclass(frozen=True, eq=False)
class Candidates:
    """m pairs, each once.

    Parameters
    ----------
    first, second
        Positions of the items, first < second, sorted.
    """

    first: NDArray[np.intp]
    second: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.first)

    def of_one_class(self, codes: NDArray[np.integer] | None) -> NDArray[np.bool_]:
        """Whether both items are of one class, (m,); without classes all are."""
        if codes is None:
            return np.ones(len(self), np.bool_)
        same: NDArray[np.bool_] = codes[self.first] == codes[self.second]
        return same


def find_candidates(
    spaces: list[tuple[NDArray[np.float32], NDArray[np.float32]]],
    codes: NDArray[np.integer] | None,
) -> Candidates:
    """Pair each item with its nearest neighbours, and its nearest of another class, in each space.

    Exact, in memory that grows with n only.

    Parameters
    ----------
    spaces
        Unit rows (n, d) twice: what is asked, and what is compared with it; several ways to
        describe the same n items.
    codes
        (n,): the class of each item, if there are any.
    """
    n = len(spaces[0][0])
    found = [np.empty(0, np.int64)]
    for queries, answers in spaces:
        for rows, block in similarity_blocks(queries, answers):
            found.append(_coded(rows, nearest(block, NEIGHBOURS), n))
            if codes is not None:
                block[codes[rows][:, None] == codes] = -2.0
                other = nearest(block, 1)
                there = np.take_along_axis(block, other, axis=1) > -2.0
                found.append(_coded(rows, other, n)[there.ravel()])
    pairs = np.unique(np.concatenate(found))
    return Candidates(pairs // n, pairs % n)


def best_of_each(
    pairs: Candidates, values: NDArray[np.float32], codes: NDArray[np.integer] | None
) -> NDArray[np.bool_]:
    """Keep a pair if it is among the best of one of its items: (m,).

    The best `RANK` within the class count, and the best one across classes. Among a thousand
    images that all look alike this keeps the work in bounds.

    Parameters
    ----------
    values
        (m,): what is better when larger.
    """
    same = pairs.of_one_class(codes)
    keep = np.zeros(len(pairs), np.bool_)
    for chosen, most in ((same, RANK), (~same, 1)):
        where = np.flatnonzero(chosen)
        rank = ranks(Candidates(pairs.first[where], pairs.second[where]), values[where])
        keep[where] = rank.min(axis=0) < most
    return keep


def ranks(pairs: Candidates, values: NDArray[np.float32]) -> NDArray[np.intp]:
    """The rank of each pair among those of its first and of its second item, from 0: (2, m)."""
    m = len(pairs)
    item = np.concatenate([pairs.first, pairs.second])
    order = np.lexsort((-np.concatenate([values, values]), item))
    sorted_items = item[order]
    starts = np.searchsorted(sorted_items, sorted_items)
    out = np.empty(2 * m, np.intp)
    out[order] = np.arange(2 * m) - starts
    return out.reshape(2, m)


def _coded(rows: slice, columns: NDArray[np.intp], n: int) -> NDArray[np.int64]:
    """Pairs as single numbers, the smaller position first."""
    a = np.repeat(np.arange(rows.start, rows.stop), columns.shape[1])
    b = columns.ravel()
    result: NDArray[np.int64] = (np.minimum(a, b) * n + np.maximum(a, b)).astype(np.int64)
    return result
