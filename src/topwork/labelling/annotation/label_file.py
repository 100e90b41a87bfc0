"""The table that labels are written to: always whole, and what else it holds stays."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from topwork.errors import DataError

SPLIT: Final = "split"
ENCODING: Final = "utf-8"
BETWEEN: Final = "\x1f"
"""Stands between the cells that name an item together."""


class LabelFile:
    """A CSV table with a row per label, its rows by the cell that names their item.

    Rows of new items are appended, each at once; whatever else changes writes the table anew beside
    itself and puts it in its own place. A process that is killed leaves a whole table.

    Parameters
    ----------
    file
        Where it is, or will be.
    items
        The columns that name an item: ``path`` or ``text``; of pairs two.
    columns
        Those that hold labels.
    split
        Whether a column says which items measure accuracy.

    Raises
    ------
    DataError
        The file is no CSV table in UTF-8, or has other columns in their place.
    """

    def __init__(
        self, file: Path, items: Sequence[str], columns: Sequence[str], *, split: bool = True
    ) -> None:
        self.file = file
        self._own = (*items, *columns, *((SPLIT,) if split else ()))
        self._header: list[str] = list(self._own)
        self._rows: dict[str, list[list[str]]] = {}
        self._ends_well = False
        if file.exists() and file.stat().st_size:
            self._read(items, columns)

    def rows(self) -> Mapping[str, list[dict[str, str]]]:
        """The rows by the cell that names their item."""
        return {
            cell: [dict(zip(self._header, row, strict=True)) for row in rows]
            for cell, rows in self._rows.items()
        }

    def put(self, changes: Mapping[str, Sequence[Sequence[str]]], *, split: str) -> None:
        """Write rows of items: the cells of the columns with labels; none of them for no row.

        Other cells of rows that were there stay as they are.
        """
        new = not self._rows.keys() & changes.keys()
        added: list[list[str]] = []
        for cell, labels in changes.items():
            before = self._rows.pop(cell, [])
            if labels:
                rows = [self._row(cell, values, split, before) for values in labels]
                self._rows[cell] = rows
                added += rows
        if new and self._ends_well:
            self._append(added)
        else:
            self._write()

    def _row(
        self, cell: str, values: Sequence[str], split: str, before: Sequence[Sequence[str]]
    ) -> list[str]:
        row = list(before[0]) if before else [""] * len(self._header)
        told = (*cell.split(BETWEEN), *values, split)[: len(self._own)]
        for name, value in zip(self._own, told, strict=True):
            row[self._header.index(name)] = value
        return row

    def _read(self, items: Sequence[str], columns: Sequence[str]) -> None:
        try:
            text = self.file.read_text(ENCODING + "-sig", "surrogateescape")
            lines = [line for line in csv.reader(io.StringIO(text, newline="")) if line]
        except (UnicodeError, csv.Error, OSError) as error:
            raise self._refused(f"it can't be read: {error}") from error
        if not lines:
            return
        header = [name.strip() for name in lines[0]]
        if lacking := [name for name in items if name not in header]:
            raise self._refused(f"it has no column {lacking[0]}, but {', '.join(header[:6])}")
        if ("x_min" in columns) != ("x_min" in header) and {"label", "x_min"} & set(header):
            raise self._refused("its labels are of another kind")
        added = [name for name in self._own if name not in header]
        self._header = [*header, *added]
        places = [header.index(name) for name in items]
        for line in lines[1:]:
            row = (line + [""] * len(header))[: len(header)]
            row += [
                "train" if name == SPLIT and self._filled(row, header) else "" for name in added
            ]
            cell = BETWEEN.join(row[place] for place in places)
            self._rows.setdefault(cell, []).append(row)
        self._ends_well = not added and text.endswith("\n")

    def _filled(self, row: Sequence[str], header: Sequence[str]) -> bool:
        return any(row[header.index(name)] for name in ("label",) if name in header)

    def _refused(self, why: str) -> DataError:
        return DataError(
            f"Labels can't be written to {self.file}: {why}.",
            remedy="Name another file with --out.",
            code="bad_labels",
        )

    def _append(self, rows: Sequence[Sequence[str]]) -> None:
        if rows:
            with self.file.open("ab") as stream:
                stream.write(_encoded(rows))
                stream.flush()
                os.fsync(stream.fileno())

    def _write(self) -> None:
        beside = self.file.with_name(f".{self.file.name}.new")
        with beside.open("wb") as stream:
            every = [row for rows in self._rows.values() for row in rows]
            stream.write(_encoded([self._header, *every]))
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(self.file)
        self._ends_well = True


def _encoded(rows: Sequence[Sequence[str]]) -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return stream.getvalue().encode(ENCODING, "surrogateescape")
