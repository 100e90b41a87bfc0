"""The files that tables come in: CSV and TSV, JSONL, Parquet. Values stay as they are written."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from topwork.errors import DataError

Cell = str | None


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
    """

    path: Path
    names: Sequence[str]
    lines: Sequence[int]
    column: Callable[[str], Sequence[Cell]]


def read_csv(path: Path, header: Sequence[str] | None = None) -> TableFile:
    """Read a CSV or TSV file, whose first line names the columns unless ``header`` does.

    A file ``.csv`` may be separated by commas, semicolons or tabs.

    Raises
    ------
    topwork.errors.DataError
        If it is empty, or its rows differ in length.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        delimiter = "\t" if path.suffix.lower() == ".tsv" else _delimiter(file.readline())
        file.seek(0)
        rows = _csv_rows(path, csv.reader(file, delimiter=delimiter, strict=True))
        first = header or next(rows, (0, None))[1]
        if first is None:
            raise DataError(f"{path} is empty.", remedy="It needs a line for each item.")
        names = [name.strip() for name in first]
        lines, records = _even_rows(path, rows, len(names))

    def column(name: str) -> list[Cell]:
        position = names.index(name)
        return [record[position] or None for record in records]

    return TableFile(path, names, lines, column)


def _delimiter(first: str) -> str:
    """Tell semicolons and tabs from commas by the first line."""
    return max((",", ";", "\t"), key=first.count)


def _csv_rows(path: Path, reader: Any) -> Iterator[tuple[int, list[str]]]:
    try:
        for row in reader:
            if row:
                yield reader.line_num, row
    except csv.Error as error:
        raise DataError(
            f"Line {reader.line_num} of {path} cannot be read: {error}.",
            remedy="Correct the line; text that holds the delimiter belongs in double quotes.",
        ) from error


def _even_rows(
    path: Path, rows: Iterator[tuple[int, list[str]]], width: int
) -> tuple[list[int], list[list[str]]]:
    lines, records = [], []
    for line, record in rows:
        if len(record) != width:
            raise DataError(
                f"Line {line} of {path} has {len(record)} fields where there are {width} columns.",
                remedy="Correct the line; text that holds the delimiter belongs in double quotes.",
            )
        lines.append(line)
        records.append(record)
    return lines, records


def read_jsonl(path: Path) -> TableFile:
    """Read a file with one JSON object a line.

    Raises
    ------
    topwork.errors.DataError
        If a line is something else, or a cell that is asked for is a list or an object.
    """
    lines, records = [], []
    with path.open(encoding="utf-8-sig") as file:
        for line, text in enumerate(file, start=1):
            if text.strip():
                lines.append(line)
                records.append(_json_object(path, line, text))
    names = list(dict.fromkeys(name for record in records for name in record))

    def column(name: str) -> list[Cell]:
        return [
            _json_cell(path, line, record.get(name))
            for line, record in zip(lines, records, strict=True)
        ]

    return TableFile(path, names, lines, column)


def _json_object(path: Path, line: int, text: str) -> dict[str, Any]:
    try:
        # Numbers stay as they are written: 1, 01 and 1.0 are three labels.
        record = json.loads(text, parse_int=str, parse_float=str, parse_constant=lambda _: None)
    except ValueError as error:
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
