"""Long lists, shown in part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

FOLDED_ROWS: Final = 500
"""Rows that a page holds at most of one list, so that a thousand classes don't make it huge."""

_NOT_WORTH_FOLDING: Final = 4


@dataclass(frozen=True, slots=True)
class Folded:
    """A list in three parts: shown, behind a fold, and left out (only counted)."""

    first: Sequence[Any]
    rest: Sequence[Any]
    omitted: int


def fold(rows: Sequence[Any], shown: int = 12, total: int | None = None) -> Folded:
    """Show the first rows of a list and fold the others.

    Parameters
    ----------
    total
        How many there are, where ``rows`` holds only the first of them.

    Examples
    --------
    >>> fold(range(3)).rest, len(fold(range(101)).rest), fold(range(9000)).omitted
    ([], 89, 8500)
    """
    kept = rows[:FOLDED_ROWS]
    omitted = max(len(rows), total or 0) - len(kept)
    if len(kept) <= shown + _NOT_WORTH_FOLDING:
        return Folded(kept, [], omitted)
    return Folded(kept[:shown], kept[shown:], omitted)


def only(rows: Sequence[Any], shown: int, total: int | None = None) -> Folded:
    """Show the first rows of a list and leave the others out: for what is large, like images.

    Examples
    --------
    >>> only(range(100), 12).omitted
    88
    """
    return Folded(rows[:shown], [], max(len(rows), total or 0) - len(rows[:shown]))
