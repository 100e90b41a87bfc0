"""What there is to be grouped: images, texts, or the rows of a table."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

from topwork.data import Dataset, is_table, read_any
from topwork.data.columns import ROW, LeftOut, RowTable, read_columns, row_table
from topwork.data.columns.row_table import opened
from topwork.data.reading.frames import frame_of
from topwork.data.tables.column_guess import guess_columns, looks_like_data
from topwork.data.tables.table_file import PATH, TableFile
from topwork.errors import DataError, ParameterError

MIN_COLUMNS = 2
"""Columns that rows are grouped by, at least."""

_NAMED = 8
_LOOKED_AT = 1000
"""Rows by which it is told whether a table has columns to group by."""


def read_groupable(
    source: object,
    *,
    items: str = "auto",
    columns: Mapping[str, str] | None = None,
    header: Sequence[str] | None = None,
    root: str | os.PathLike[str] | None = None,
    lines: bool = False,
) -> Dataset | RowTable:
    """Images or texts as `read_any` finds them; else the rows of a table.

    A table with a column of images or texts is read as these; one without, with two columns or more
    that rows can be grouped by, is read as rows.

    Parameters
    ----------
    source
        What `read_any` takes, or a table.
    items
        ``image``, ``text``, ``row``, or ``auto``.
    columns, header, root, lines
        As in `read_any`.

    Raises
    ------
    DataError
        There is nothing, or a table cannot be read.

    Examples
    --------
    >>> found = read_groupable({"age": [31, 48, 35] * 9, "visits": [1, 7, 3, 2, 9] * 5 + [4, 4]})
    >>> found.kind.name, len(found)
    ('row', 27)
    """
    if items == ROW or isinstance(source, RowTable):
        return row_table(source, header=header)
    try:
        data = read_any(source, items=items, columns=columns, header=header, root=root, lines=lines)
    except DataError as error:
        if error.code != "missing_column" or items != "auto" or columns:
            raise
        table = _rows_instead(opened(source, header), source, header)
        if table is None:
            raise DataError(
                error.message,
                remedy=f"{error.remedy} With --kind row (kind='row') its rows are grouped by its "
                "columns.",
                code=error.code,
            ) from error
        return table
    if items != "auto" or lines:
        return data
    return _told(data, source, (columns or {}).get(data.kind.column, data.kind.column))


def no_column(name: str, table: RowTable) -> ParameterError:
    """What to raise where a column that is to be read as categories is not there."""
    close = get_close_matches(name, list(table.columns), n=1)
    named = ", ".join(list(table.columns)[:_NAMED]) + (
        ", ..." if len(table.columns) > _NAMED else ""
    )
    return ParameterError(
        f"categorical names {name!r}, and {table.source} has no such column.",
        remedy=f"Did you mean {close[0]!r}?" if close else f"Its columns are: {named}.",
    )


def rows_only(categorical: Sequence[str]) -> None:
    """Refuse columns to read as categories where the items are no rows.

    Raises
    ------
    ParameterError
        Some are named.
    """
    if categorical:
        raise ParameterError(
            f"categorical names {categorical[0]!r}, and these items are no rows of a table.",
            remedy="Leave it out; --kind row (kind='row') groups the rows of a table by its "
            "columns.",
        )


def _rows_instead(file: TableFile, source: object, header: Sequence[str] | None) -> RowTable | None:
    """The rows of a table that names no images, if its columns tell them apart."""
    if looks_like_data(file.names) or guess_columns(file, [PATH], [], set()):
        return None
    table = row_table(source, header=header)
    first = {name: cells[:_LOOKED_AT] for name, cells in table.columns.items()}
    found, _ = read_columns(first)
    if sum(not isinstance(one, LeftOut) for one in found) < MIN_COLUMNS:
        return None
    return table


def _told(data: Dataset, source: object, column: str) -> Dataset:
    """The same, with a sentence on how a table was read.

    Parameters
    ----------
    column
        What the table calls the column of its items.
    """
    in_file = isinstance(source, str | os.PathLike) and is_table(Path(source))
    if not in_file and (isinstance(source, Dataset) or frame_of(source) is None):
        return data
    name = str(source) if in_file else "The table"
    said = (
        f"{name} was read as {data.kind.name}s, out of its column {column!r}; --kind row "
        "(kind='row') groups its rows by their columns."
    )
    return replace(data, hints=(*data.hints, said))
