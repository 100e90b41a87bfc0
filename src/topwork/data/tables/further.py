"""Cells of the columns of a table that nothing else is read from."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from topwork.data.tables.known_columns import ALL, KnownColumns
from topwork.data.tables.table_file import PATH, TEXT, Cell, TableFile
from topwork.errors import DataError

_READ: Final = frozenset((PATH, TEXT, "label", "group", "domain", "split", "keep", "file_name"))
"""Columns that say something else of the items, whether it was asked for or not."""


@dataclass(frozen=True, eq=False, slots=True)
class RowCells(Mapping[str, Cell]):
    """The cells of one row by the names of its columns.

    Examples
    --------
    >>> dict(RowCells({"rooms": 0, "city": 1}, ("4", None)))
    {'rooms': '4', 'city': None}
    """

    places: Mapping[str, int]
    cells: tuple[Cell, ...]

    def __getitem__(self, name: str) -> Cell:
        return self.cells[self.places[name]]

    def __iter__(self) -> Iterator[str]:
        return iter(self.places)

    def __len__(self) -> int:
        return len(self.places)


def cells_beside(
    file: TableFile, columns: Mapping[str, str] | None, used: Collection[str]
) -> dict[str, Sequence[Cell]]:
    """The cells of the further columns that are asked for; none where they aren't.

    Parameters
    ----------
    used
        Columns that are read as something else.

    Raises
    ------
    topwork.errors.DataError
        If one that is needed isn't there.
    """
    if not isinstance(columns, KnownColumns) or not columns.beside:
        return {}
    if columns.beside == ALL:
        taken = {*used, *columns.images}
        names = [name for name in file.names if name not in taken and name.lower() not in _READ]
        return {name: cells for name in names if (cells := _cells(file, name)) is not None}
    by_name = {name.lower(): name for name in reversed(file.names)}
    by_name |= {name: name for name in file.names}
    there = {name: by_name.get(name) or by_name.get(name.lower()) for name in columns.beside}
    lost = [name for name, own in there.items() if own is None]
    if lost and columns.needed:
        raise DataError(
            f"{file.path} has no column {lost[0]!r} to learn from; its columns are: "
            f"{', '.join(file.names)}.",
            remedy="Name columns that are there with --use-columns, or leave it out.",
            code="missing_column",
        )
    twice = [name for name, own in there.items() if columns.needed and own in used]
    if twice:
        raise DataError(
            f"The column {twice[0]!r} of {file.path} is read as something else already.",
            remedy="Leave it out of --use-columns: the target, the group and the items themselves "
            "are nothing to learn from.",
            code="column_in_use",
        )
    found = {name: _cells(file, own) for name, own in there.items() if own is not None}
    return {name: cells for name, cells in found.items() if cells is not None}


def image_cells(
    file: TableFile, columns: Mapping[str, str] | None, contents: str
) -> dict[str, Sequence[Cell]]:
    """The cells of the further columns of images.

    Raises
    ------
    topwork.errors.DataError
        One that the user named isn't there, or the items are no files.
    """
    if not isinstance(columns, KnownColumns) or not columns.images:
        return {}
    lost = [name for name in columns.images if name not in file.names]
    if not columns.fitted and (lost or contents != PATH):
        what = f"no column {lost[0]!r}" if lost else "no column of paths that is read"
        raise DataError(
            f"{file.path} has {what}; its columns are: {', '.join(file.names)}.",
            remedy="Name columns of paths with --image-columns.",
            code="missing_column",
        )
    there = [name for name in columns.images if name not in lost]
    return {name: cells for name in there if (cells := _cells(file, name)) is not None}


def columns_of_file(file: TableFile) -> dict[str, Sequence[Cell]]:
    """The cells of all columns that hold some."""
    found = {name: _cells(file, name) for name in file.names}
    return {name: cells for name, cells in found.items() if cells is not None}


def rows_beside(beside: Mapping[str, Sequence[Cell]], n: int) -> Sequence[RowCells | None]:
    """The same row by row; None for each of n rows where there are no further columns."""
    if not beside:
        return [None] * n
    places = {name: place for place, name in enumerate(beside)}
    return [RowCells(places, cells) for cells in zip(*beside.values(), strict=True)]


def _cells(file: TableFile, name: str) -> Sequence[Cell] | None:
    """The cells of a column without blanks around; None where it holds images or lists."""
    if name in file.images or name in file.several or list(file.names).count(name) > 1:
        return None
    try:
        cells = file.column(name)
    except DataError:
        return None
    return [None if cell is None else (cell.strip() or None) for cell in cells]
