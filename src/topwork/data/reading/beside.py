"""Columns that are given beside items, rather than in one table with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from topwork.data.item import Item
from topwork.data.reading.frames import frame_of
from topwork.data.tables.further import columns_of_file, rows_beside
from topwork.data.tables.known_columns import further_columns
from topwork.errors import DataError, ParameterError


def items_beside(items: Sequence[Item], columns: object) -> list[Item]:
    """The same n items with the cells of a frame of n rows beside them.

    Parameters
    ----------
    columns
        A data frame, a table of pyarrow, or a dictionary of columns.

    Raises
    ------
    topwork.errors.DataError
        It has another number of rows.
    topwork.errors.ParameterError
        It is no such table.

    Examples
    --------
    >>> found = items_beside([Item("a.jpg"), Item("b.jpg")], {"rooms": [4, None]})
    >>> [dict(item.beside) for item in found]
    [{'rooms': '4'}, {'rooms': None}]
    """
    file = frame_of(columns)
    if file is None:
        raise ParameterError(
            f"columns is a {type(columns).__name__}, which is no table of columns.",
            remedy="Give a data frame with a row per item, or a dictionary of columns.",
        )
    if len(file.lines) != len(items):
        raise DataError(
            f"There are {len(items)} items but {len(file.lines)} rows of columns.",
            remedy="Give one row of columns for each item, in the same order.",
            code="other_length",
        )
    rows = rows_beside(columns_of_file(file), len(items))
    return [replace(item, beside=row) for item, row in zip(items, rows, strict=True)]


def named_columns(columns: object) -> tuple[Mapping[str, str] | None, Any]:
    """What a parameter ``columns`` says: which of a table are read, and what is put beside items.

    Parameters
    ----------
    columns
        Names of a table's columns, a frame with a row per item, or None for all of a table's.

    Examples
    --------
    >>> named_columns(["rooms"])[0].beside, named_columns({"rooms": [4]})
    (('rooms',), (None, {'rooms': [4]}))
    """
    if columns is None:
        return further_columns(None, None, several=True), None
    if isinstance(columns, list | tuple) and all(isinstance(name, str) for name in columns):
        return further_columns(None, tuple(columns), several=True), None
    return None, columns
