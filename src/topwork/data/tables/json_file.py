"""JSON files of records: one object a line, or one list of objects. Values stay as written."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeGuard

from topwork.data.tables.table_file import BadRow, Cell, TableFile, as_cell
from topwork.data.targets.several_labels import are_lists
from topwork.errors import DataError

_RECORD = '{"path": "a.jpg", "label": "cat"}'


def read_jsonl(path: Path, text: str) -> TableFile:
    """Read the text of a file with one JSON object a line.

    Raises
    ------
    topwork.errors.DataError
        If a cell that is asked for is a list or an object.
    """
    lines, records, bad = [], [], []
    for line, written in enumerate(text.split("\n"), start=1):
        if not written.strip():
            continue
        try:
            records.append(_object(path, line, written))
            lines.append(line)
        except DataError as error:
            bad.append(BadRow(line, "bad_row", error))
    return _table(path, lines, records, "Line", bad)


def read_json(path: Path, text: str) -> TableFile:
    """Read the text of a JSON file: a list of objects, columns by name, or one object a line.

    Raises
    ------
    topwork.errors.DataError
        If it is none of these.
    """
    try:
        whole = _parsed(text)
    except (ValueError, RecursionError) as error:
        lines = text.lstrip().split("\n")
        if len(lines) > 1 and _is_object(lines[0]):
            return read_jsonl(path, text)
        raise DataError(
            f"{path} is not JSON: {error}.", remedy=f"Write a list of objects like {_RECORD}."
        ) from error
    records = _records(whole)
    if records is None:
        raise DataError(
            f"{path} is JSON, but not a list of objects{_keys(whole)}.",
            remedy=f"Write a list of objects like {_RECORD}, or one such object a line (.jsonl).",
        )
    return _table(path, range(1, len(records) + 1), records, "Entry")


def _table(
    path: Path,
    lines: Sequence[int],
    records: Sequence[Mapping[str, Any]],
    unit: str,
    bad: Sequence[BadRow] = (),
) -> TableFile:
    names = list(dict.fromkeys(name for record in records for name in record))

    def column(name: str) -> list[Cell]:
        return [
            _cell(path, f"{unit} {line}", record.get(name))
            for line, record in zip(lines, records, strict=True)
        ]

    def values(name: str) -> list[Any]:
        return [record.get(name) for record in records]

    lists = frozenset(name for name in names if are_lists([r.get(name) for r in records]))
    return TableFile(path, names, lines, column, values if lists else None, bad=bad, several=lists)


def _parsed(text: str) -> Any:
    # Numbers stay as they are written: 1, 01 and 1.0 are three labels.
    return json.loads(text, parse_int=str, parse_float=str, parse_constant=lambda _: None)


def _is_object(line: str) -> bool:
    try:
        return isinstance(_parsed(line), dict)
    except (ValueError, RecursionError):
        return False


def _object(path: Path, line: int, text: str) -> dict[str, Any]:
    try:
        record = _parsed(text)
    except (ValueError, RecursionError) as error:
        raise DataError(
            f"Line {line} of {path} is not JSON: {error}.", remedy="Write one object a line."
        ) from error
    if not isinstance(record, dict):
        raise DataError(
            f"Line {line} of {path} is not an object.", remedy=f"Write lines like {_RECORD}."
        )
    return record


def _records(whole: object) -> list[dict[str, Any]] | None:
    """The rows of a list of objects, alone or by name, or of columns by name."""
    if _is_list_of_objects(whole):
        return list(whole)
    if not isinstance(whole, dict) or not whole:
        return None
    lists = [column for column in whole.values() if isinstance(column, list)]
    if len(lists) == 1 and _is_list_of_objects(lists[0]):
        return list(lists[0])  # {"data": [...]}, perhaps beside notes
    columns = [_column(values) for values in whole.values()]
    held = [column for column in columns if column is not None]
    if len(held) < len(columns) or len({len(column) for column in held}) > 1:
        return None
    return [dict(zip(whole, row, strict=True)) for row in zip(*held, strict=True)]


def _is_list_of_objects(value: object) -> TypeGuard[list[dict[str, Any]]]:
    return isinstance(value, list) and bool(value) and all(isinstance(v, dict) for v in value)


def _column(values: object) -> list[Any] | None:
    """A column as a list, or as an object by row."""
    if isinstance(values, dict):
        return list(values.values())
    return values if isinstance(values, list) else None


def _keys(whole: object) -> str:
    if not isinstance(whole, dict) or not whole:
        return ""
    return f"; it has {', '.join(list(whole)[:5])}"


def _cell(path: Path, place: str, value: object) -> Cell:
    if isinstance(value, (list, dict)):
        raise DataError(
            f"{place} of {path} holds several values where one is expected.",
            remedy="Give each item one path and one label.",
        )
    return as_cell(value)
