"""CSV and TSV files. Values stay as they are written."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal

from topwork.data.tables.table_file import BadRow, Cell, TableFile
from topwork.errors import DataError

Quoting = Literal[0, 3]
"""``csv.QUOTE_MINIMAL`` or ``csv.QUOTE_NONE``."""

_QUOTES = "Correct the line; text that holds the delimiter belongs in double quotes."

_OPEN: Final = "open_quote"
"""The code of the error for a quotation mark that swallows the rest of a file."""

_CLOSE = (
    "Close it in the line where it opens; text that holds the delimiter belongs in double quotes, "
    "and a quotation mark inside it is written twice."
)

_SEPARATOR_LINES = ("sep=,", "sep=;", "sep=\t", "sep=|")
"""What spreadsheets write above the names to tell themselves the delimiter."""


@dataclass(frozen=True, slots=True)
class _Dialect:
    delimiter: str
    quoting: Quoting = csv.QUOTE_MINIMAL
    escape: str | None = None
    before: int = 0  # lines above the names


def read_csv(path: Path, text: str, header: Sequence[str] | None = None) -> TableFile:
    """Read the text of a CSV or TSV file; its first line names the columns unless ``header`` does.

    A file ``.csv`` may be separated by commas, semicolons, tabs or bars, and say so in a line
    ``sep=;``. In a ``.tsv`` quotation marks are taken for what they are where the file makes more
    sense so. Quotation marks behind a backslash are part of a text where every row makes sense so
    and some don't otherwise.

    Raises
    ------
    topwork.errors.DataError
        If it is empty, or a quotation mark that is never closed takes the rows behind it.
    """
    dialect = _dialect(path, text)
    best = _read(path, text, header, dialect)
    if best.bad and path.suffix.lower() == ".tsv":
        unquoted = _read(path, text, header, replace(dialect, quoting=csv.QUOTE_NONE))
        best = min(best, unquoted, key=lambda file: len(file.bad))
    if best.bad and '\\"' in text:
        escaped = _read(path, text, header, replace(dialect, escape="\\"))
        if not escaped.bad and len(escaped.lines) > len(best.lines):
            said = f'{path} has quotation marks behind backslashes (\\"), which were read as marks.'
            return replace(escaped, hints=(said,))
    for row in best.bad:
        if row.error.code == _OPEN:
            raise row.error
    return best


def _dialect(path: Path, text: str) -> _Dialect:
    first = text[: text.find("\n") + 1 or None].rstrip("\r\n")
    if first.strip('"').lower() in _SEPARATOR_LINES:
        return _Dialect(first.strip('"')[-1], before=1)
    return _Dialect("\t" if path.suffix.lower() == ".tsv" else _delimiter(first))


def _delimiter(first: str) -> str:
    """Tell semicolons, tabs and bars from commas by the first line."""
    return max((",", ";", "\t", "|"), key=first.count)


def _read(path: Path, text: str, header: Sequence[str] | None, dialect: _Dialect) -> TableFile:
    bad: list[BadRow] = []
    stream = io.StringIO(text, newline="")
    for _ in range(dialect.before):
        stream.readline()
    reader = csv.reader(
        stream,
        delimiter=dialect.delimiter,
        strict=True,
        quoting=dialect.quoting,
        escapechar=dialect.escape,
    )
    rows = _rows(path, reader, bad, dialect.before)
    first = header or next(rows, (0, None))[1]
    if first is None:
        raise bad[0].error if bad else empty(path)
    names = [name.strip() for name in first]
    lines, records = _even(path, rows, len(names), bad)

    def column(name: str) -> list[Cell]:
        position = names.index(name)
        return [record[position] or None for record in records]

    return TableFile(path, names, lines, column, bad=bad)


def empty(path: Path) -> DataError:
    """What to say of a file without a line."""
    return DataError(f"{path} is empty.", remedy="It needs a line for each item.")


def _rows(
    path: Path, reader: Any, bad: list[BadRow], before: int
) -> Iterator[tuple[int, list[str]]]:
    """The rows with their lines; those that can't be taken apart go to ``bad``."""
    last = before
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:  # the reader begins anew with the next line
            first, last = last + 1, reader.line_num + before
            bad.append(_unreadable(path, first, last, str(error)))
            continue
        last = reader.line_num + before
        if row:
            yield last, row


def _unreadable(path: Path, first: int, last: int, said: str) -> BadRow:
    """Lines that are no row: several where a quotation mark joins them."""
    if "unexpected end" in said:
        lost = "" if first == last else f", so the {last - first} lines after it are part of it"
        why = f"Line {first} of {path} cannot be read: a quotation mark is never closed{lost}."
        code = "bad_data" if first == last else _OPEN
        return BadRow(first, "bad_row", DataError(why, remedy=_CLOSE, code=code))
    where = f"Line {last} of" if first == last else f"The row in lines {first} to {last} of"
    why = f"{where} {path} cannot be read: {said}."
    reason = "too_long" if "field limit" in said else "bad_row"
    return BadRow(first, reason, DataError(why, remedy=_QUOTES))


def _even(
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
