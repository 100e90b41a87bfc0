"""What each column of a table holds: numbers, dates, categories, or nothing that helps."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Final

import numpy as np

from topwork.data.columns.cell_kinds import date_format_of, days_of, is_missing
from topwork.data.columns.column_cells import (
    FREE_TEXT,
    CategoryCells,
    ColumnCells,
    DateCells,
    LeftOut,
    NumberCells,
    Numbers,
    TextCells,
)
from topwork.data.columns.column_copies import without_copies
from topwork.data.columns.number_writing import (
    MAX_STRANGE,
    comma_of,
    is_number,
    is_zero_padded,
    number_of,
    units_of,
)
from topwork.data.tables.table_file import Cell

MAX_MISSING: Final = 0.9
"""Share of empty cells beyond which a column is left out."""

MAX_VALUES: Final = 100
"""Different values of a column of categories, where each is not frequent."""

MAX_REPEATED: Final = 0.05
"""Share of the rows of an identifier that may have that of another row, or no whole number."""

_WORDS: Final = 4.0
"""That free text has at least, on average."""

_UNIQUE: Final = 0.25
_UNIQUE_WORDS: Final = 3.0
"""Share of the cells that texts which come once must fill to be free text, and their words."""

_FREQUENT: Final = 0.5
"""Share of the rows that the most frequent values must cover where there are many values."""

_NAMED: Final = 3
"""Units that a sentence names."""

_CONSECUTIVE: Final = 1.05
_NAMED_ID: Final = re.compile(r"(?:^|[\W_])(?:id|nr|no|key|uuid|guid)$", re.I)
_WHOLE: Final = re.compile(r"(-?[1-9][0-9]*|0)\.0+")
_ID_CASE: Final = re.compile(r"[a-z](?:Id|ID)$")


def read_columns(
    columns: Mapping[str, Sequence[Cell]],
    categorical: Collection[str] = (),
    *,
    texts: bool = False,
    coarser: bool = False,
) -> tuple[list[ColumnCells], list[str]]:
    """What each column holds, and sentences about cells that were read in one way of several.

    A column that says what another one says already is left out: the same cells, the same numbers
    in other units, or categories that follow from finer ones.

    Parameters
    ----------
    categorical
        Columns that hold categories, whatever these look like.
    texts
        Whether free text is used, too.
    coarser
        Whether categories that follow from finer ones are kept.

    Examples
    --------
    >>> found, _ = read_columns({"shop": ["a", "b"] * 10, "of": ["de"] * 20, "n": ["1", "5"] * 10})
    >>> [(type(one).__name__, getattr(one, "reason", "")) for one in found]
    [('CategoryCells', ''), ('LeftOut', 'one value'), ('LeftOut', "follows from 'shop'")]
    """
    hints: list[str] = []
    found = [
        read_column(name, cells, hints, categorical=name in categorical)
        for name, cells in columns.items()
    ]
    if texts:
        found = [_as_text(one, columns) for one in found]
    return without_copies(found, coarser=coarser), hints


def _as_text(one: ColumnCells, columns: Mapping[str, Sequence[Cell]]) -> ColumnCells:
    if not isinstance(one, LeftOut) or one.reason != FREE_TEXT:
        return one
    return TextCells(one.name, [None if is_missing(c) else c for c in columns[one.name]])


def read_column(
    name: str, cells: Sequence[Cell], hints: list[str], *, categorical: bool = False
) -> ColumnCells:
    """What one column holds; ``hints`` takes sentences about how it was read."""
    filled = [cell for cell in cells if cell is not None and not is_missing(cell)]
    if len(filled) < (1 - MAX_MISSING) * len(cells) or not filled:
        return LeftOut(name, "nearly all cells are empty")
    if categorical:
        return _categories(name, cells)
    if is_zero_padded(filled):
        found = _categories(name, cells)
        if isinstance(found, CategoryCells):
            hints.append(f"Numbers of {name!r} have zeros in front and were read as categories.")
        return found
    numbers = _numbers(name, cells, filled, hints)
    if numbers is not None:
        return numbers
    dates = _dates(name, cells, filled, hints)
    if dates is not None:
        return dates
    return _categories(name, cells)


def category_of(cell: Cell) -> str | None:
    """The category that a cell names, the same however whole numbers and truth values are written.

    Examples
    --------
    >>> [category_of(cell) for cell in ("1.0", "True", " Bern ", "n/a", "007", "4006381333931")]
    ['1', 'true', 'Bern', None, '007', '4006381333931']
    """
    if cell is None or is_missing(cell):
        return None
    text = cell.strip()
    if whole := _WHOLE.fullmatch(text):
        return whole[1]
    return text.lower() if text.lower() in ("true", "false", "yes", "no") else text


def _numbers(
    name: str, cells: Sequence[Cell], filled: Sequence[str], hints: list[str]
) -> ColumnCells | None:
    if sum(map(is_number, filled)) < (1 - MAX_STRANGE) * len(filled):
        return None
    units = units_of(filled)
    if len(units) > 1:
        return _of_several_units(name, cells, units, hints)
    comma, likely = comma_of(filled, units[0])
    if comma is None:
        return LeftOut(name, "commas and points in its numbers can mean several things")
    found = [number_of(cell, comma, units[0]) for cell in cells]
    values = np.array([np.nan if value is None else value for value in found], np.float64)
    strange = len(filled) - int(np.isfinite(values).sum())
    other = _no_amounts(name, cells, values, strange)
    if other is not None:
        return other
    if likely:
        hints.append(f"Commas of {name!r} can be decimal; they were taken between thousands.")
    if strange:
        hints.append(f"{strange} cells of {name!r} hold no number and count as missing.")
    return NumberCells(name, comma, units[0], values)


def _no_amounts(
    name: str, cells: Sequence[Cell], amounts: Numbers, strange: int
) -> ColumnCells | None:
    """What numbers are that say no amount; None where they do."""
    there = amounts[np.isfinite(amounts)]
    different = np.unique(there)
    if len(different) == 1:
        return _constant(name, cells)
    if len(different) == 2 and not strange:
        values = [category_of(cell) for cell in cells]
        return CategoryCells(name, values) if len({*values} - {None}) == 2 else None
    if _is_identifier(name, there, different):
        rows = "every row" if len(different) == len(there) else "nearly every row"
        return LeftOut(name, f"an identifier: {rows} has a number of its own")
    return None


def _of_several_units(
    name: str, cells: Sequence[Cell], units: Sequence[str], hints: list[str]
) -> ColumnCells:
    """Numbers that can't be compared: categories where there are few of them."""
    named = ", ".join(repr(unit) if unit else "none" for unit in units[:_NAMED])
    told = f"numbers with several units ({named}{', ...' if len(units) > _NAMED else ''})"
    found = _categories(name, cells)
    if isinstance(found, LeftOut):
        return LeftOut(name, told)
    hints.append(f"{name!r} holds {told} and was read as categories.")
    return found


def _is_identifier(name: str, there: Numbers, different: Numbers) -> bool:
    """Whole numbers, nearly each once, that are called so or follow each other but for few."""
    least = (1 - MAX_REPEATED) * len(there)
    if len(different) < least or (there == np.round(there)).sum() < least:
        return False
    cut = int(MAX_REPEATED / 2 * len(different))
    inner = different[cut : len(different) - cut]
    consecutive = inner[-1] - inner[0] + 1 <= _CONSECUTIVE * len(inner)
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
    there = values[np.isfinite(values)]
    if len(np.unique(there)) == 1:
        return _constant(name, cells)
    if strange := len(filled) - len(there):
        hints.append(f"{strange} cells of {name!r} hold no date and count as missing.")
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
    once = [len(value.split()) for value, times in counts.items() if times == 1]
    notes = len(once) >= _UNIQUE * n and sum(once) >= _UNIQUE_WORDS * len(once)
    if notes or (words >= _WORDS and 2 * len(counts) > n):
        return LeftOut(name, FREE_TEXT)
    if len(counts) > (1 - MAX_REPEATED) * n:
        return LeftOut(name, "an identifier: nearly every row has a text of its own")
    frequent = sum(times for _, times in counts.most_common(MAX_VALUES // 5))
    if len(counts) > MAX_VALUES and frequent < _FREQUENT * n:
        return LeftOut(name, f"{len(counts):,} different values")
    return CategoryCells(name, values)
