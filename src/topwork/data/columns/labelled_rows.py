"""Rows of a table as items with targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, overload

import numpy as np

from topwork.data.columns.row_table import RowModality, RowTable, opened, row_table
from topwork.data.dataset import Dataset
from topwork.data.folders.splits import Split
from topwork.data.item import Item
from topwork.data.reading.frames import read_frame
from topwork.data.tables.column_guess import guess_columns
from topwork.data.tables.table_file import TEXT, Cell, TableFile
from topwork.errors import DataError
from topwork.settings.choices import AskedTask

RESERVED: Final = ("label", "group", "split", "keep")
"""Columns that say something else of a row than what is predicted from."""


def read_rows(
    source: object,
    labels: object = None,
    *,
    columns: Mapping[str, str] | None = None,
    header: Sequence[str] | None = None,
    split: Split = "train",
    groups: object = None,
    task: AskedTask = "auto",
) -> Dataset:
    """The rows of a table as items, whose values are the cells of the other columns by name.

    Parameters
    ----------
    source
        A table in a file, a data frame, a dictionary of columns, a list of dictionaries, or an
        array ``(n, c)``, whose columns are called ``0``, ``1`` and so on.
    labels
        n labels or numbers where no column holds them.
    columns
        The table's name for each of ``label``, ``group``, ``split``, ``keep``.
    header
        The names of all columns, for a CSV or TSV file that has no line of names.
    split
        The part of a table with a column ``split``.
    groups
        What must not be split between folds, ``(n,)``, beside a table in memory.
    task
        What the labels are.

    Raises
    ------
    topwork.errors.DataError
        There is no such table, or no column of labels.

    Examples
    --------
    >>> data = read_rows({"age": [31, 48, 25], "label": ["no", "yes", "no"]})
    >>> data.items[1].value, data.targets.labels
    ({'age': '48'}, ('no', 'yes'))
    """
    source = _with_names(source)
    file = opened(source, header)
    table = row_table(source, header=header)
    names = _names(file, columns or {}, needed=labels is None)
    if labels is not None and "label" in names:
        names.pop("label")
    index = [str(row) for row in range(len(file.lines))]
    seen = _only(file, names, index)
    data = read_frame(
        seen, labels, columns=None, contents=(TEXT,), split=split, groups=groups, task=task
    )
    rows = np.array([int(str(item.value)) for item in data.items], np.int64)
    kept = {n: cells for n, cells in table.columns.items() if n not in set(names.values())}
    if not kept:
        raise DataError(
            f"{table.source} has no column beside that of the labels.",
            remedy="Give a table with columns to predict from.",
            code="too_few_columns",
        )
    return replace(
        data,
        items=_Rows(table.names, kept, rows),
        kind=RowModality(),
        hints=(*data.hints, *(hint for hint in table.hints if hint not in data.hints)),
        columns={ours: theirs for ours, theirs in names.items() if theirs != ours},
        source=table.source,
    )


def unlabelled_rows(source: object, *, header: Sequence[str] | None = None) -> RowTable:
    """The rows of a table without anything that is known of them; see `read_rows`.

    Raises
    ------
    topwork.errors.DataError
        There is no such table.

    Examples
    --------
    >>> list(unlabelled_rows(np.array([[1, 2], [3, 4]])).columns)
    ['0', '1']
    """
    if isinstance(source, Dataset):
        return table_of(source)
    return row_table(_with_names(source), header=header)


def table_of(data: Dataset) -> RowTable:
    """The columns of items that are rows."""
    items = data.items
    names = [item.name for item in items]
    if isinstance(items, _Rows):
        columns = {n: [cells[r] for r in items.rows] for n, cells in items.columns.items()}
    else:
        of = [item.value for item in items if isinstance(item.value, Mapping)]
        known = dict.fromkeys(name for cells in of[:1] for name in cells)
        columns = {str(name): [cells.get(name) for cells in of] for name in known}
    return RowTable(data.source or "The table", names, columns)


@dataclass(frozen=True, eq=False, slots=True)
class _Rows(Sequence[Item]):
    """Some rows of a table as items, each made when it is asked for."""

    names: Sequence[str]
    columns: Mapping[str, Sequence[Cell]]
    rows: np.ndarray

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, at: int) -> Item: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Item]: ...
    def __getitem__(self, at: int | slice) -> Item | Sequence[Item]:
        if isinstance(at, slice):
            return _Rows(self.names, self.columns, self.rows[at])
        row = int(self.rows[at])
        return Item(self.names[row], value={n: cells[row] for n, cells in self.columns.items()})


def _with_names(source: Any) -> Any:
    """An array as a dictionary of columns; a list of rows as items or dictionaries."""
    if isinstance(source, np.ndarray) and source.ndim == 2:
        return {str(place): source[:, place] for place in range(source.shape[1])}
    if isinstance(source, Sequence) and not isinstance(source, str | bytes) and len(source):
        first = source[0]
        if isinstance(first, Item):
            return [dict(one.value) for one in source if isinstance(one.value, Mapping)]
        if isinstance(first, np.ndarray | list | tuple):
            return _with_names(np.array([list(row) for row in source], dtype=object))
    return source


def _names(file: TableFile, given: Mapping[str, str], *, needed: bool) -> dict[str, str]:
    """The table's name of each of our columns that it has."""
    found: dict[str, str] = {}
    for ours in RESERVED:
        wanted = given.get(ours, ours)
        same = [name for name in file.names if name == wanted]
        same = same or [name for name in file.names if name.lower() == wanted.lower()]
        if same:
            found[ours] = same[0]
        elif ours in given or (ours == "label" and needed):
            raise _no_column(file, wanted, ours)
    for ours in given:
        if ours not in RESERVED:
            raise DataError(
                f"columns names {ours!r}, which rows of a table do not have.",
                remedy=f"Name one of {', '.join(RESERVED)}; all other columns are predicted from.",
            )
    return found


def _no_column(file: TableFile, wanted: str, ours: str) -> DataError:
    listed = ", ".join(file.names[:20]) + (", ..." if len(file.names) > 20 else "")
    guess = guess_columns(file, [], ["label"], set()).get("label") if ours == "label" else None
    return DataError(
        f"{file.path} has no column {wanted!r}; its columns are: {listed}.",
        remedy=f"Name it with --columns {ours}={guess or 'NAME'}.",
        code="missing_column",
    )


def _only(file: TableFile, names: Mapping[str, str], index: Sequence[Cell]) -> TableFile:
    """The columns that say something of a row, under our names; each row is its number."""

    def column(name: str) -> Sequence[Cell]:
        return index if name == TEXT else file.column(names[name])

    def values(name: str) -> Sequence[object]:
        if name == TEXT:
            return index
        return file.column(names[name]) if file.values is None else file.values(names[name])

    several = frozenset(ours for ours, theirs in names.items() if theirs in file.several)
    return TableFile(
        file.path,
        [TEXT, *names],
        file.lines,
        column,
        None if file.values is None else values,
        frozenset(),
        file.bad,
        file.hints,
        file.in_memory,
        several,
    )
