"""The files that tables come in: CSV and TSV, JSONL, Parquet. Values stay as they are written."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from topwork.errors import DataError

Cell = str | None
Quoting = Literal[0, 3]
"""``csv.QUOTE_MINIMAL`` or ``csv.QUOTE_NONE``."""

_QUOTES = "Correct the line; text that holds the delimiter belongs in double quotes."


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be taken apart.

    Parameters
    ----------
    line
        Where it stands, from 1.
    reason
        A code out of `topwork.data.REASONS`.
    error
        What to raise where no row may be missing.
    """

    line: int
    reason: str
    error: DataError


@dataclass(frozen=True, slots=True)
class TableFile:
    """A table with the names of its own.

    Parameters
    ----------
    path
        The file, as the user named it.
    names
        Of all its columns.
    lines
        Where each of the n rows stands in the file, from 1: its line, or in Parquet its row.
    column
        Gives the n cells of one column; None where nothing is written.
    bad
        Rows that are not among the n.
    """

    path: Path
    names: Sequence[str]
    lines: Sequence[int]
    column: Callable[[str], Sequence[Cell]]
    bad: Sequence[BadRow] = ()


def read_csv(
    path: Path, header: Sequence[str] | None = None, *, errors: str = "strict"
) -> TableFile:
    """Read a CSV or TSV file, whose first line names the columns unless ``header`` does.

    A file ``.csv`` may be separated by commas, semicolons or tabs. In a ``.tsv`` quotation marks
    are taken for what they are where the file makes more sense so.

    Parameters
    ----------
    errors
        What becomes of bytes that are no UTF-8, as `open` takes it.

    Raises
    ------
    topwork.errors.DataError
        If it is empty.
    """
    tabs = path.suffix.lower() == ".tsv"
    quoted = _read_csv(path, header, errors, csv.QUOTE_MINIMAL)
    if not (tabs and quoted.bad):
        return quoted
    unquoted = _read_csv(path, header, errors, csv.QUOTE_NONE)
    return unquoted if len(unquoted.bad) < len(quoted.bad) else quoted


def _read_csv(path: Path, header: Sequence[str] | None, errors: str, quoting: Quoting) -> TableFile:
    bad: list[BadRow] = []
    with path.open(encoding="utf-8-sig", errors=errors, newline="") as file:
        delimiter = "\t" if path.suffix.lower() == ".tsv" else _delimiter(file.readline())
        file.seek(0)
        reader = csv.reader(file, delimiter=delimiter, strict=True, quoting=quoting)
        rows = _csv_rows(path, reader, bad)
        first = header or next(rows, (0, None))[1]
        if first is None:
            raise bad[0].error if bad else _empty(path)
        names = [name.strip() for name in first]
        lines, records = _even_rows(path, rows, len(names), bad)

    def column(name: str) -> list[Cell]:
        position = names.index(name)
        return [record[position] or None for record in records]

    return TableFile(path, names, lines, column, bad)


def _empty(path: Path) -> DataError:
    return DataError(f"{path} is empty.", remedy="It needs a line for each item.")


def _delimiter(first: str) -> str:
    """Tell semicolons and tabs from commas by the first line."""
    return max((",", ";", "\t"), key=first.count)


def _csv_rows(path: Path, reader: Any, bad: list[BadRow]) -> Iterator[tuple[int, list[str]]]:
    """The rows with their lines; those that can't be taken apart go to ``bad``."""
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:  # the reader begins anew with the next line
            why = DataError(
                f"Line {reader.line_num} of {path} cannot be read: {error}.", remedy=_QUOTES
            )
            reason = "too_long" if "field limit" in str(error) else "bad_row"
            bad.append(BadRow(reader.line_num, reason, why))
            continue
        if row:
            yield reader.line_num, row


def _even_rows(
    path: Path, rows: Iterator[tuple[int, list[str]]], width: int, bad: list[BadRow]
) -> tuple[list[int], list[list[str]]]:
    lines, records = [], []
    for line, record in rows:
        if len(record) != width:
            why = f"Line {line} of {path} has {len(record)} fields where there are {width} columns."
            bad.append(BadRow(line, "bad_row", DataError(why, remedy=_QUOTES)))
            continue
        lines.append(line)
        records.append(record)
    return lines, records


def read_jsonl(path: Path, *, errors: str = "strict") -> TableFile:
    """Read a file with one JSON object a line.

    Parameters
    ----------
    errors
        What becomes of bytes that are no UTF-8, as `open` takes it.

    Raises
    ------
    topwork.errors.DataError
        If a cell that is asked for is a list or an object.
    """
    lines, records, bad = [], [], []
    with path.open(encoding="utf-8-sig", errors=errors) as file:
        for line, text in enumerate(file, start=1):
            if not text.strip():
                continue
            try:
                records.append(_json_object(path, line, text))
                lines.append(line)
            except DataError as error:
                bad.append(BadRow(line, "bad_row", error))
    names = list(dict.fromkeys(name for record in records for name in record))

    def column(name: str) -> list[Cell]:
        return [
            _json_cell(path, line, record.get(name))
            for line, record in zip(lines, records, strict=True)
        ]

    return TableFile(path, names, lines, column, bad)


def _json_object(path: Path, line: int, text: str) -> dict[str, Any]:
    try:
        # Numbers stay as they are written: 1, 01 and 1.0 are three labels.
        record = json.loads(text, parse_int=str, parse_float=str, parse_constant=lambda _: None)
    except (ValueError, RecursionError) as error:
        raise DataError(
            f"Line {line} of {path} is not JSON: {error}.", remedy="Write one object a line."
        ) from error
    if not isinstance(record, dict):
        raise DataError(
            f"Line {line} of {path} is not an object.",
            remedy='Write lines like {"path": "a.jpg", "label": "cat"}.',
        )
    return record


def _json_cell(path: Path, line: int, value: object) -> Cell:
    if isinstance(value, (list, dict)):
        raise DataError(
            f"Line {line} of {path} holds several values where one is expected.",
            remedy="Give each item one path and one label.",
        )
    return _text(value)


def read_parquet(path: Path) -> TableFile:
    """Open a Parquet file; only the columns that are asked for are read.

    Raises
    ------
    topwork.errors.DataError
        If it is none, or a column that is asked for holds lists or structures.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            names, n_rows = file.schema_arrow.names, file.metadata.num_rows
    except pa.ArrowInvalid as error:
        raise DataError(
            f"{path} is not a Parquet file: {error}.", remedy="Write the table again."
        ) from error

    def column(name: str) -> list[Cell]:
        with pq.ParquetFile(path) as file:
            data = file.read(columns=[name])[name]
        if pa.types.is_nested(data.type):
            raise DataError(
                f"The column {name!r} of {path} is of type {data.type}, where text is expected.",
                remedy="Write the images to files and their paths into the table.",
            )
        return [_text(value) for value in data.to_pylist()]

    return TableFile(path, names, range(1, n_rows + 1), column)


def _text(value: object) -> Cell:
    """Write a value as text; nothing for null, NaN and empty text."""
    if value is None or value == "" or value != value:  # noqa: PLR0124 (NaN)
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.decode(errors="surrogateescape") if isinstance(value, bytes) else str(value)
