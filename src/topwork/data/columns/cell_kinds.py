"""Cells as numbers and as dates, each by a rule that holds for the whole column."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final, Literal

from topwork.data.targets.number_values import comma_meaning, number_and_unit

Comma = Literal["", "."]
"""What a comma in a number stands for: nothing between thousands, or the decimal point."""

_MISSING: Final = frozenset(
    ("nan", "n/a", "na", "#n/a", "<na>", "null", "none", "nat", "-", "?", "unknown")
)

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
"""By name: what dates look like, and where year, month and day stand. The first that fits all
dates of a column is taken."""


def is_missing(cell: str | None) -> bool:
    """Whether a cell says nothing.

    Examples
    --------
    >>> [is_missing(cell) for cell in (None, " N/A", "0", "no")]
    [True, True, False, False]
    """
    return cell is None or not cell.strip() or cell.strip().lower() in _MISSING


def comma_of(cells: Sequence[str]) -> Comma:
    """What commas in a column of numbers stand for; thousands where it can't be told."""
    parts = (number_and_unit(cell) for cell in cells if "," in cell)
    return "." if comma_meaning([part[0] for part in parts if part is not None]) == "." else ""


def number_of(cell: str | None, comma: Comma = "") -> float | None:
    """The number that a cell holds, with a unit or not; None where it holds none.

    Examples
    --------
    >>> number_of("1,250.5 kg"), number_of("1,5", "."), number_of("many"), number_of("inf")
    (1250.5, 1.5, None, None)
    """
    if cell is None:
        return None
    try:
        value = float(cell)
    except ValueError:
        part = number_and_unit(cell.strip())
        try:
            value = math.nan if part is None else float(part[0].replace(",", comma))
        except ValueError:
            return None
    return value if math.isfinite(value) else None


def date_format_of(cells: Sequence[str]) -> tuple[str | None, bool]:
    """The format that all cells are dates of, and whether another one would fit, too.

    Examples
    --------
    >>> date_format_of(["2024-02-28", "2024-03-01 12:30"]), date_format_of(["31/12/2024"])
    (('year-month-day', False), ('day/month/year', False))
    """
    fit = [name for name in DATE_FORMATS if all(days_of(cell, name) is not None for cell in cells)]
    return (fit[0] if fit and cells else None), len(fit) > 1


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
