"""A table whose rows are the items."""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final, Self, overload

from topwork.data.folders.folder_tables import table_instead, tables_in
from topwork.data.item import Content, Item, ModalityName, ModalityWords, Rejected, Remark
from topwork.data.reading.frames import frame_of
from topwork.data.reading.given import existing
from topwork.data.tables.table_file import Cell, TableFile
from topwork.data.tables.table_files import is_table, open_table
from topwork.errors import BadItem, DataError

if TYPE_CHECKING:
    import numpy as np

    from topwork.data.appearance import Appearance
    from topwork.data.preprocessing.tokenizing import Preparation

ROW: ModalityName = "row"
"""The modality of rows of tables."""

MAX_NAME: Final = 1000
"""Characters of the name of a column."""


@dataclass(frozen=True, slots=True)
class RowModality:
    """Rows of a table. No network reads them, so that they are not among ``MODALITIES``.

    Examples
    --------
    >>> table = row_table({"age": [31, 48], "city": ["Bern", None]})
    >>> [RowModality().caption(item) for item in table.items]
    ['age: 31, city: Bern', 'age: 48']
    """

    name: ClassVar[ModalityName] = ROW
    network: ClassVar[ModalityName] = ROW
    column: ClassVar[str] = ""
    inline: ClassVar[bool] = False
    extensions: ClassVar[frozenset[str]] = frozenset()
    shows_objects: ClassVar[bool] = False
    adapts: ClassVar[bool] = False
    appearance: ClassVar[Appearance | None] = None
    words: ClassVar[ModalityWords] = ModalityWords(
        accepted="Give a table with the columns that the model was made from.",
        example="TABLE.csv",
        origin="source",
        unrelated="other rows",
        unit="columns",
    )

    def with_appearance(self, appearance: Appearance) -> Self:  # noqa: ARG002
        """The same: nothing is decided about rows."""
        return self

    def unrelated(self) -> dict[str, list[Item]]:
        """None: what is unrelated to a table can't be said."""
        return {}

    def read(self, item: Item) -> Content:
        """The cells of a row in one line.

        Raises
        ------
        topwork.errors.BadItem
            The item is no row.
        """
        if not isinstance(item.value, Mapping):
            raise BadItem("bad_row", f"it is of type {type(item.value).__name__}")
        told = ", ".join(f"{name}: {cell}" for name, cell in item.value.items() if cell is not None)
        return Content(_key(item.value, item.value.values()), told)

    def decode(self, content: Content, preparation: Preparation) -> np.ndarray:  # noqa: ARG002
        """Refused: rows become numbers as a whole table, by the encoding of its columns."""
        raise BadItem("bad_row", "no network takes rows of tables")

    def cut_short(self, content: Content, preparation: Preparation) -> bool:  # noqa: ARG002
        """Never."""
        return False

    def remarks(self, content: Content) -> tuple[Remark, ...]:  # noqa: ARG002
        """None."""
        return ()

    def caption(self, item: Item) -> str:
        """The cells in one line."""
        return self.show(self.read(item))

    def show(self, content: Content) -> str:
        """The same."""
        assert isinstance(content.data, str)
        return content.data


@dataclass(frozen=True, eq=False)
class RowTable:
    """The n rows of a table and its columns, as text exactly as written.

    Parameters
    ----------
    source
        Where it came from, for people.
    names
        What each row is called: the file with the line (``customers.csv:2``), or ``item 0``.
    columns
        By name; None where nothing is written, a question mark for what UTF-8 can't write.
    hints
        Sentences about how it was read.
    rejected
        Further rows that can't be read, by their positions among all rows, from 0.
    """

    source: str
    names: Sequence[str]
    columns: Mapping[str, Sequence[Cell]]
    hints: tuple[str, ...] = ()
    rejected: Mapping[int, Rejected] = field(default_factory=dict)
    kind: RowModality = field(default_factory=RowModality)

    def __len__(self) -> int:
        return len(self.names)

    @property
    def n_all(self) -> int:
        """How many rows there are with those that can't be read."""
        return len(self.names) + len(self.rejected)

    @property
    def kept(self) -> list[int]:
        """Positions of the n rows among all, ``(n,)``."""
        return [place for place in range(self.n_all) if place not in self.rejected]

    @property
    def items(self) -> Sequence[Item]:
        """The rows as items, whose values are their cells by column."""
        return _RowItems(self.names, self.columns)

    def column(self, name: str) -> Sequence[Cell]:
        """The cells of a column.

        Raises
        ------
        DataError
            The table has no such column.
        """
        return self.only([name]).columns[name]

    def only(self, names: Sequence[str]) -> RowTable:
        """The same with these columns, in this order.

        Raises
        ------
        DataError
            The table lacks some.
        """
        if missing := [name for name in names if name not in self.columns]:
            raise missing_column(self, missing)
        kept = {name: self.columns[name] for name in names}
        return RowTable(self.source, self.names, kept, self.hints, self.rejected)

    def keys(self) -> list[bytes]:
        """The content key of each row, ``(n,)``: equal for equal cells."""
        rows = zip(*self.columns.values(), strict=True) if self.columns else repeat(())
        return [_key(self.columns, row) for _, row in zip(self.names, rows, strict=False)]


@dataclass(frozen=True, eq=False, slots=True)
class _RowItems(Sequence[Item]):
    """The rows of a table as items, each made when it is asked for."""

    names: Sequence[str]
    columns: Mapping[str, Sequence[Cell]]

    def __len__(self) -> int:
        return len(self.names)

    @overload
    def __getitem__(self, at: int) -> Item: ...
    @overload
    def __getitem__(self, at: slice) -> list[Item]: ...
    def __getitem__(self, at: int | slice) -> Item | list[Item]:
        if isinstance(at, slice):
            return [self[i] for i in range(*at.indices(len(self)))]
        cells = {name: column[at] for name, column in self.columns.items()}
        return Item(self.names[at], value=cells)


def _key(names: Iterable[str], row: Iterable[object]) -> bytes:
    """The content key of a row of these columns."""
    told = repr(tuple(zip(names, row, strict=True))).encode("utf-8", "surrogatepass")
    return blake2b(told, digest_size=16, person=b"row").digest()


def missing_column(table: RowTable, names: Sequence[str]) -> DataError:
    """What to raise where a table lacks columns."""
    listed = ", ".join(map(repr, names[:10])) + (", ..." if len(names) > 10 else "")
    several = "columns" if len(names) > 1 else "column"
    there = ", ".join(list(table.columns)[:20]) or "none at all"
    return DataError(
        f"{table.source} has no {several} {listed}; its columns are: {there}.",
        remedy="Give a table with these columns, called as they were when the model was made, or "
        "name a column that is there.",
        code="missing_column",
    )


def row_table(source: object, *, header: Sequence[str] | None = None) -> RowTable:
    """The rows of a table in a file, a data frame, or a dictionary of columns.

    Parameters
    ----------
    header
        The names of all columns, for a CSV or TSV file that has no line of names.

    Raises
    ------
    topwork.errors.DataError
        If there is no such table, or it cannot be read.

    Examples
    --------
    >>> table = row_table({"age": [31, 48], "city": ["Bern", None]})
    >>> len(table), table.columns["city"]
    (2, ['Bern', None])
    """
    if isinstance(source, RowTable):
        return source
    return _of_file(opened(source, header))


def opened(source: object, header: Sequence[str] | None = None) -> TableFile:
    """The file or frame behind a table.

    Raises
    ------
    topwork.errors.DataError
        If there is no such table, or it cannot be read.
    """
    if isinstance(source, str | os.PathLike):
        path = existing(source)
        if path.is_dir() and (tables := tables_in(path)):
            raise table_instead(path, tables, "rows")
        if not is_table(path):
            raise DataError(
                f"{path} is no table.", remedy="Give a CSV, Parquet, JSON or Excel file."
            )
        file, undecodable = open_table(Path(path), header)
        if undecodable is not None:
            raise undecodable
    else:
        found = frame_of(source)
        if found is None:
            raise DataError(
                f"A {type(source).__name__} is no table of columns.",
                remedy="Give a data frame, a table of pyarrow, or a dictionary of columns.",
            )
        file = found
    if file.bad and not file.names:
        raise file.bad[0].error
    return file


def _of_file(file: TableFile) -> RowTable:
    twice = sorted({name for name in file.names if list(file.names).count(name) > 1})
    if twice:
        raise DataError(
            f"{file.path} has several columns called {twice[0]!r}.",
            remedy="Give every column a name of its own.",
        )
    long = next((name for name in file.names if len(name) > MAX_NAME or name != _text(name)), None)
    if long is not None:
        raise DataError(
            f"{file.path} has a column whose name is longer than {MAX_NAME:,} characters or no "
            f"text: {_text(long[:50])!r}.",
            remedy="Give the column another name.",
        )
    names = [f"item {n - 1}" if file.in_memory else f"{file.path}:{n}" for n in file.lines]
    columns = {name: _cells(file, name) for name in file.names if name not in file.images}
    hints = list(file.hints)
    if file.images:
        hints.append(f"Columns of images are left out: {', '.join(sorted(file.images))}.")
    source = "The table" if file.in_memory else str(file.path)
    return RowTable(source, names, columns, tuple(hints), _rejected(file))


def _rejected(file: TableFile) -> dict[int, Rejected]:
    """The rows that can't be read, by their positions among all rows."""
    bad = sorted(file.bad, key=lambda row: row.line)
    return {
        bisect_left(file.lines, row.line) + before: Rejected(
            f"{file.path}:{row.line}", row.reason, row.error.message
        )
        for before, row in enumerate(bad)
    }


def _text(cell: str) -> str:
    """With a question mark for what UTF-8 has no bytes for, such as half of a surrogate pair."""
    return cell.encode("utf-8", "replace").decode("utf-8")


def _cells(file: TableFile, name: str) -> list[Cell]:
    """The cells of a column without blanks around; lists and structures are left empty."""
    try:
        cells = file.column(name)
    except DataError:
        return [None] * len(file.lines)
    return [None if cell is None else (_text(cell).strip() or None) for cell in cells]
