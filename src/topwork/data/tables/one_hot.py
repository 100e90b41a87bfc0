"""Labels that are spread over columns: one for each class, with a 1 in that of the item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from topwork.data.tables.table_file import Cell, TableFile
from topwork.errors import DataError

_MARKS: Final = {"0": 0, "0.0": 0, "false": 0, "1": 1, "1.0": 1, "true": 1}

_OTHERS: Final = frozenset(("keep", "split", "group", "domain"))
"""Columns that say something else of the items."""


def label_of_one_hot(file: TableFile, contents: str) -> TableFile | None:
    """The table with a column ``label``: in each row the name of the one column that is 1.

    Parameters
    ----------
    contents
        The column of the items, which is none of a class.

    Raises
    ------
    topwork.errors.DataError
        If several or none of these columns are 1 in some rows.

    Returns
    -------
    TableFile or None
        None where there are no such columns.
    """
    names = [name for name in file.names if name != contents and name.lower() not in _OTHERS]
    hot = {name: _marks(file, name) for name in names}
    marks = {name: column for name, column in hot.items() if column is not None}
    if len(marks) < 2 or not file.lines:
        return None
    sums = [sum(row) for row in zip(*marks.values(), strict=True)]
    listed = f"{', '.join(list(marks)[:8])}{', ...' if len(marks) > 8 else ''}"
    if any(total != 1 for total in sums):
        _refuse(file, sums, listed)
        return None
    labels = [
        next(name for name, mark in zip(marks, row, strict=True) if mark)
        for row in zip(*marks.values(), strict=True)
    ]

    def column(name: str) -> Sequence[Cell]:
        return labels if name == "label" else file.column(name)

    def values(name: str) -> Sequence[object]:
        assert file.values is not None
        return labels if name == "label" else file.values(name)

    said = f"Labels were taken from the columns {listed}: exactly one of them is 1 in each row."
    return replace(
        file,
        names=[*file.names, "label"],
        column=column,
        values=None if file.values is None else values,
        hints=(*file.hints, said),
    )


def _refuse(file: TableFile, sums: Sequence[int], listed: str) -> None:
    """Say that several labels are meant, where the columns look like it."""
    several, none = sum(total > 1 for total in sums), sum(total == 0 for total in sums)
    if not several and none > len(sums) / 2:
        return
    raise DataError(
        f"{file.path} has no column 'label'; of the columns {listed}, several are 1 in {several} "
        f"of {len(sums)} rows and none in {none}: several labels per item? topwork gives each item "
        "one class.",
        remedy="Write a column with one label per row and name it with --columns label=NAME.",
        code="several_labels",
    )


def _marks(file: TableFile, name: str) -> list[int] | None:
    """A column of zeros and ones; None where it is anything else."""
    if name in file.images or file.names.count(name) > 1:
        return None
    try:
        cells = file.column(name)
    except DataError:  # lists or structures
        return None
    marks = [_MARKS.get((cell or "").strip().lower()) for cell in cells]
    known = [mark for mark in marks if mark is not None]
    return known if len(known) == len(marks) else None
