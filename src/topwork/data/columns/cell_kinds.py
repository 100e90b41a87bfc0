"""Cells that say nothing, and cells as dates by a format that holds for the whole column."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from topwork.data.columns.number_writing import MAX_STRANGE
from topwork.data.targets.number_values import MISSING

_MISSING: Final = MISSING | {"na", "nat", "unknown"}

_BEHIND: Final = r"(?:[T ].*)?"
_ISO: Final = re.compile(rf"(\d{{4}})[-/](\d\d?)[-/](\d\d?){_BEHIND}")
_POINTS: Final = re.compile(rf"(\d\d?)\.(\d\d?)\.(\d{{4}}){_BEHIND}")
_SLASHES: Final = re.compile(rf"(\d\d?)/(\d\d?)/(\d{{4}}){_BEHIND}")

DATE_FORMATS: Final[Mapping[str, tuple[re.Pattern[str], tuple[int, int, int]]]] = {
    "year-month-day": (_ISO, (1, 2, 3)),
    "day.month.year": (_POINTS, (3, 2, 1)),
    "month/day/year": (_SLASHES, (3, 1, 2)),
    "day/month/year": (_SLASHES, (3, 2, 1)),
}
"""By name: what dates look like, and where year, month and day stand. The first that fits the most
cells of a column is taken."""


def is_missing(cell: str | None) -> bool:
    """Whether a cell says nothing.

    Examples
    --------
    >>> [is_missing(cell) for cell in (None, " N/A", "0", "no")]
    [True, True, False, False]
    """
    return cell is None or not cell.strip() or cell.strip().lower() in _MISSING


def date_format_of(cells: Sequence[str]) -> tuple[str | None, bool]:
    """The format that most cells are dates of, and whether another one fits as many.

    None if more than few cells are no dates of it.

    Examples
    --------
    >>> date_format_of(["2024-02-28", "2024-03-01 12:30"]), date_format_of(["31/12/2024"])
    (('year-month-day', False), ('day/month/year', False))
    """
    counts = {name: sum(days_of(c, name) is not None for c in cells) for name in DATE_FORMATS}
    most = max(counts.values())
    if not cells or most < (1 - MAX_STRANGE) * len(cells):
        return None, False
    fit = [name for name in DATE_FORMATS if counts[name] == most]
    return fit[0], len(fit) > 1


def days_of(cell: str | None, written: str) -> int | None:
    """The day that a cell holds, counted from year 1; None where it holds none.

    Examples
    --------
    >>> days_of("02.01.0001", "day.month.year"), days_of("2024-02-30", "year-month-day")
    (2, None)
    """
    if cell is None:
        return None
    pattern, places = DATE_FORMATS[written]
    match = pattern.fullmatch(cell.strip())
    if match is None:
        return None
    try:
        return date(*(int(match[place]) for place in places)).toordinal()
    except ValueError:
        return None
