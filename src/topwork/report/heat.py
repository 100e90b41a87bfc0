"""How strongly a cell of the confusion matrix is coloured."""

from __future__ import annotations

from bisect import bisect_left
from typing import Final

LEVELS: Final = (0.0, 0.02, 0.05, 0.1, 0.2, 0.4, 0.7)
"""A cell gets the level of the first bound that its share of the row doesn't pass: rare
confusions are what the reader looks for, so the steps are finest there."""


def heat_level(n: int, of: int) -> int:
    """A level from 0, nothing, to 7, nearly the whole row.

    Examples
    --------
    >>> [heat_level(n, 100) for n in (0, 1, 5, 30, 100)]
    [0, 1, 2, 5, 7]
    """
    return bisect_left(LEVELS, n / of) if of else 0
