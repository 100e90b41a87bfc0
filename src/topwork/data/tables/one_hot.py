"""Labels that are spread over columns: one for each label, with a 1 where the item has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from topwork.data.tables.table_file import Cell, TableFile
from topwork.data.targets.label_targets import UNKNOWN, Marks
from topwork.data.targets.several_labels import marks_of
from topwork.data.targets.written_lists import in_one_cell
from topwork.errors import DataError
from topwork.settings.choices import AskedTask

_OTHERS: Final = frozenset(("keep", "split", "group", "domain"))
"""Columns that say something else of the items."""

_READ_SEVERAL: Final = ("auto", "labels")
"""Tasks for which rows may have several labels or none."""


def label_of_columns(file: TableFile, contents: str, task: AskedTask = "auto") -> TableFile | None:
    """The table with a column ``label``: in each row the names of the columns that are 1.

    Where exactly one of them is 1 in every row, the labels are classes; otherwise the values of the
    new column say what is known of each label.

    Parameters
    ----------
    contents
        The column of the items, which is none of a label.
    task
        ``labels`` insists on several labels; ``classes`` and ``number`` refuse them.

    Raises
    ------
    topwork.errors.DataError
        If several or none of these columns are 1 in some rows, and classes are needed.

    Returns
    -------
    TableFile or None
        None where there are no such columns.
    """
    names = [name for name in file.names if name != contents and name.lower() not in _OTHERS]
    hot = {name: _marks(file, name) for name in names}
    marks = {name: column for name, column in hot.items() if column is not None}
    if len(marks) < (1 if task == "labels" else 2) or not file.lines:
        return None
    rows = list(zip(*marks.values(), strict=True))
    whole = all(UNKNOWN not in row for row in rows)
    listed = f"{', '.join(list(marks)[:8])}{', ...' if len(marks) > 8 else ''}"
    if task != "labels" and whole and all(sum(row) == 1 for row in rows):
        labels = [next(name for name, mark in zip(marks, row, strict=True) if mark) for row in rows]
        return _with_labels(
            file,
            labels,
            f"Labels were taken from the columns {listed}: exactly one of them is 1 in each row.",
        )
    if task not in _READ_SEVERAL:
        _refuse(file, rows, listed)
        return None
    if task == "auto" and not _are_meant(rows):
        return None
    known = [dict(zip(marks, row, strict=True)) for row in rows]
    return _with_labels(
        file,
        known,
        f"Several labels per item were taken from the columns {listed}: 1 where an item has the "
        "label, 0 where it doesn't, empty where that is unknown.",
    )


def _with_labels(file: TableFile, labels: Sequence[str | Marks], said: str) -> TableFile:
    several = any(isinstance(label, Mapping) for label in labels)

    def column(name: str) -> Sequence[Cell]:
        return [as_text(label) for label in labels] if name == "label" else file.column(name)

    def values(name: str) -> Sequence[object]:
        if name == "label":
            return labels
        assert file.values is not None
        return file.values(name)

    return replace(
        file,
        names=[*file.names, "label"],
        column=column,
        values=None if file.values is None and not several else values,
        hints=(*file.hints, said),
        several=file.several | {"label"} if several else file.several,
    )


def as_text(label: str | Marks) -> Cell:
    """What a cell would say.

    Examples
    --------
    >>> as_text({"sea": 1, "sky": 0}), as_text({"sea": -1})
    ('sea', None)
    """
    if isinstance(label, str):
        return label
    return in_one_cell([name for name, mark in label.items() if mark == 1]) or None


def _are_meant(rows: Sequence[Sequence[int]]) -> bool:
    """Whether columns of 0 and 1 look like labels of the items, though nobody said so."""
    n_labels = [sum(mark == 1 for mark in row) for row in rows]
    return any(n > 1 for n in n_labels) or 2 * sum(n == 0 for n in n_labels) <= len(rows)


def _refuse(file: TableFile, rows: Sequence[Sequence[int]], listed: str) -> None:
    """Say that several labels are meant, where the columns look like it."""
    if not _are_meant(rows):
        return
    n_labels = [sum(mark == 1 for mark in row) for row in rows]
    several, none = sum(n > 1 for n in n_labels), sum(n == 0 for n in n_labels)
    raise DataError(
        f"{file.path} has no column 'label'; of the columns {listed}, several are 1 in {several} "
        f"of {len(rows)} rows and none in {none}: several labels per item?",
        remedy="Predict them with --task labels (ImageTagger, TextTagger), or write a column with "
        "one label per row and name it with --columns label=NAME.",
        code="several_labels",
    )


def _marks(file: TableFile, name: str) -> list[int] | None:
    """A column of zeros and ones; None where it is anything else, or says nothing at all."""
    if name in file.images or file.names.count(name) > 1:
        return None
    try:
        cells = file.column(name)
    except DataError:  # lists or structures
        return None
    marks = marks_of(cells)
    return marks if marks is not None and any(mark != UNKNOWN for mark in marks) else None
