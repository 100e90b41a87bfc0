"""Sheets of Excel and OpenDocument."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from topwork.data.tables.table_file import Cell, TableFile, as_cell
from topwork.errors import DataError
from topwork.installation import install_extra

SHEET_EXTENSIONS: Final = frozenset((".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"))


def read_sheet(path: Path) -> TableFile:
    """Read the first sheet that holds anything; its first row names the columns.

    Raises
    ------
    topwork.errors.DataError
        If the reader isn't installed, the file can't be read, or no sheet holds anything.
    """
    sheets = _sheets(path)
    name, rows = next(((n, found) for n, found in sheets.items() if found), (None, []))
    if name is None:
        raise DataError(f"{path} is empty.", remedy="It needs a row for each item.")
    names = [(_cell(value) or "").strip() for value in rows[0]]
    lines = [line for line, row in enumerate(rows[1:], start=2) if any(c != "" for c in row)]
    others = len(sheets) - 1
    said = f"{path} has {len(sheets)} sheets, of which {name!r} was read."

    def column(wanted: str) -> list[Cell]:
        position = names.index(wanted)
        return [_cell(rows[line - 1][position]) for line in lines]

    return TableFile(path, names, lines, column, hints=(said,) if others else ())


def _sheets(path: Path) -> dict[str, Sequence[Sequence[Any]]]:
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ImportError as error:
        raise DataError(
            f"{path} is a sheet of Excel or OpenDocument, whose reader is not installed.",
            remedy=f"{install_extra('excel')}, or save the sheet as CSV UTF-8.",
            code="missing_extra",
        ) from error
    try:
        book = CalamineWorkbook.from_path(str(path))
        return {
            name: book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            for name in book.sheet_names
        }
    except (CalamineError, OSError, ValueError) as error:
        raise DataError(
            f"{path} cannot be read as a sheet: {error}.", remedy="Save it again, or as CSV UTF-8."
        ) from error


def _cell(value: object) -> Cell:
    """Sheets hold every number as a float."""
    whole = isinstance(value, float) and value.is_integer() and abs(value) < 2**53
    return as_cell(int(value) if whole else value)  # type: ignore[call-overload]
