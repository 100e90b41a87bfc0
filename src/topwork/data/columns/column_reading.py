"""What each column of a table holds: numbers, dates, categories, or nothing that helps."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from topwork.data.columns.cell_kinds import (
    Comma,
    comma_of,
    date_format_of,
    days_of,
    is_missing,
    number_of,
)
from topwork.data.tables.table_file import Cell

MAX_MISSING: Final = 0.9
"""Share of empty cells beyond which a column is left out."""

MAX_STRANGE: Final = 0.05
"""Share of the cells of a column of numbers or dates that may be something else; they count as
missing."""

MAX_VALUES: Final = 100
"""Different values of a column of categories, where each is not frequent."""

_WORDS: Final = 4.0
"""That free text has at least, on average."""

_FREQUENT: Final = 0.5
"""Share of the rows that the most frequent values must cover where there are many values."""

_SAME: Final = 0.99999
"""Correlation of two columns of numbers that are the same in other units."""

_ROWS_PER_VALUE: Final = 5
"""So many rows for each value, so that categories do not follow from others by chance."""

_CONSECUTIVE: Final = 1.05
_NAMED_ID: Final = re.compile(r"(?:^|[\W_])(?:id|nr|no|key|uuid|guid)$", re.I)
_ID_CASE: Final = re.compile(r"[a-z](?:Id|ID)$")

Numbers: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class NumberCells:
    """Numbers ``(n,)``, NaN where one is missing, and what a comma in them means."""

    name: str
    comma: Comma
    values: Numbers


@dataclass(frozen=True, eq=False, slots=True)
class DateCells:
    """Days ``(n,)`` from year 1, NaN where one is missing, and how they are written."""

    name: str
    written: str
    values: Numbers


@dataclass(frozen=True, eq=False, slots=True)
class CategoryCells:
    """Names of categories, n of them; None where one is missing."""

    name: str
    values: list[str | None]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A column that is not used, and why."""

    name: str
    reason: str


UsedCells: TypeAlias = NumberCells | DateCells | CategoryCells
ColumnCells: TypeAlias = UsedCells | LeftOut


def read_columns(columns: Mapping[str, Sequence[Cell]]) -> tuple[list[ColumnCells], list[str]]:
    """What each column holds, and sentences about cells that were read in one way of several.

    A column that says what another one says already is left out: the same cells, the same numbers
    in other units, or categories that follow from finer ones.

    Examples
    --------
    >>> found, _ = read_columns({"shop": ["a", "b"] * 10, "of": ["de"] * 20, "n": ["1", "5"] * 10})
    >>> [(type(one).__name__, getattr(one, "reason", "")) for one in found]
    [('CategoryCells', ''), ('LeftOut', 'one value'), ('LeftOut', "follows from 'shop'")]
    """
    hints: list[str] = []
    found = [read_column(name, cells, hints) for name, cells in columns.items()]
    return _without_copies(found), hints


def read_column(name: str, cells: Sequence[Cell], hints: list[str]) -> ColumnCells:
    """What one column holds; ``hints`` takes sentences about how it was read."""
    filled = [cell for cell in cells if cell is not None and not is_missing(cell)]
    if len(filled) < (1 - MAX_MISSING) * len(cells) or not filled:
        return LeftOut(name, "nearly all cells are empty")
    numbers = _numbers(name, cells, filled, hints)
    if numbers is not None:
        return numbers
    dates = _dates(name, cells, filled, hints)
    if dates is not None:
        return dates
    return _categories(name, cells)


def category_of(cell: Cell) -> str | None:
    """The category that a cell names, the same however numbers and truth values are written.

    Examples
    --------
    >>> category_of("1.0"), category_of("True"), category_of(" Bern "), category_of("n/a")
    ('1', 'true', 'Bern', None)
    """
    if cell is None or is_missing(cell):
        return None
    text = cell.strip()
    number = number_of(text) if text[-1:].isdigit() else None
    if number is not None and "," not in text:
        return f"{number:.12g}"
    return text.lower() if text.lower() in ("true", "false", "yes", "no") else text


def _numbers(
    name: str, cells: Sequence[Cell], filled: Sequence[str], hints: list[str]
) -> ColumnCells | None:
    comma = comma_of(filled)
    some = [number_of(cell, comma) for cell in filled]
    strange = sum(value is None for value in some)
    if strange > MAX_STRANGE * len(filled):
        return None
    values = np.array(
        [np.nan if is_missing(c) or (v := number_of(c, comma)) is None else v for c in cells],
        np.float64,
    )
    there = values[np.isfinite(values)]
    different = np.unique(there)
    if len(different) == 1:
        return _constant(name, cells)
    if len(different) == 2 and not strange:
        return CategoryCells(name, [category_of(cell) for cell in cells])
    if _is_identifier(name, there, different):
        return LeftOut(name, "an identifier: every row has a number of its own")
    if strange:
        hints.append(f"{strange} cells of {name!r} hold no number and count as missing.")
    return NumberCells(name, comma, values)


def _is_identifier(name: str, there: Numbers, different: Numbers) -> bool:
    if len(different) < len(there) or not (there == np.round(there)).all():
        return False
    consecutive = different[-1] - different[0] + 1 <= _CONSECUTIVE * len(different)
    called = _NAMED_ID.search(name)
    return bool(consecutive or called or _ID_CASE.search(name))


def _dates(
    name: str, cells: Sequence[Cell], filled: Sequence[str], hints: list[str]
) -> ColumnCells | None:
    written, several = date_format_of(filled)
    if written is None:
        return None
    if several:
        hints.append(f"Dates of {name!r} can be read in two ways; {written} was taken.")
    found = (days_of(cell, written) for cell in cells)
    values = np.array([np.nan if day is None else day for day in found], np.float64)
    if len(np.unique(values[np.isfinite(values)])) == 1:
        return _constant(name, cells)
    return DateCells(name, written, values)


def _constant(name: str, cells: Sequence[Cell]) -> ColumnCells:
    """One value: a mark where some cells are empty, else nothing."""
    values = [category_of(cell) for cell in cells]
    return CategoryCells(name, values) if None in values else LeftOut(name, "one value")


def _categories(name: str, cells: Sequence[Cell]) -> ColumnCells:
    values = [category_of(cell) for cell in cells]
    counts = Counter(value for value in values if value is not None)
    n = sum(counts.values())
    if len(counts) == 1:
        return _constant(name, cells)
    words = sum(len(value.split()) * times for value, times in counts.items()) / n
    if words >= _WORDS and 2 * len(counts) > n:
        return LeftOut(name, "free text")
    if len(counts) > 0.95 * n:
        return LeftOut(name, "an identifier: nearly every row has a text of its own")
    frequent = sum(times for _, times in counts.most_common(MAX_VALUES // 5))
    if len(counts) > MAX_VALUES and frequent < _FREQUENT * n:
        return LeftOut(name, f"{len(counts):,} different values")
    return CategoryCells(name, values)


def _without_copies(found: Sequence[ColumnCells]) -> list[ColumnCells]:
    kept: list[ColumnCells] = []
    for one in found:
        same = next((o for o in kept if not isinstance(o, LeftOut) and _says(o, one)), None)
        kept.append(LeftOut(one.name, f"the same as {same.name!r}") if same else one)
    finer = [one for one in kept if isinstance(one, CategoryCells)]
    return [_unless_it_follows(one, finer) for one in kept]


def _says(first: UsedCells, second: ColumnCells) -> bool:
    """Whether two columns say the same."""
    if isinstance(first, CategoryCells) or isinstance(second, CategoryCells | LeftOut):
        return (
            isinstance(first, CategoryCells)
            and isinstance(second, CategoryCells)
            and (first.values == second.values)
        )
    a, b = np.isfinite(first.values), np.isfinite(second.values)
    if not np.array_equal(a, b):
        return False
    x, y = first.values[a], second.values[a]
    x, y = x - x.mean(), y - y.mean()
    return bool(abs(x @ y) >= _SAME * np.sqrt((x @ x) * (y @ y)))


def _unless_it_follows(one: ColumnCells, finer: Sequence[CategoryCells]) -> ColumnCells:
    """Categories, unless others with more of them, or as many before them, say which."""
    if not isinstance(one, CategoryCells):
        return one
    place = finer.index(one)
    mine = len(set(one.values))
    for at, other in enumerate(finer):
        theirs = len(set(other.values))
        few = theirs * _ROWS_PER_VALUE <= len(one.values)
        if at == place or (theirs, -at) < (mine, -place) or not few:
            continue
        if len(set(zip(one.values, other.values, strict=True))) == theirs:
            return LeftOut(one.name, f"follows from {other.name!r}")
    return one
