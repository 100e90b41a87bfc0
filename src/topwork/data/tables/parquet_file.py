"""Parquet files; only the columns that are asked for are read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from topwork.data.tables.table_file import Cell, TableFile, as_cell
from topwork.errors import DataError


def read_parquet(path: Path) -> TableFile:
    """Open a Parquet file.

    Columns of bytes, or of structures with ``bytes``, as image data sets have them, are images.
    Where the file's own notes name classes (as Hugging Face's ``datasets`` writes them), numbers
    are read as these names.

    Raises
    ------
    topwork.errors.DataError
        If it is none, or a column that is asked for holds lists or structures.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            schema, n_rows = file.schema_arrow, file.metadata.num_rows
    except pa.ArrowInvalid as error:
        raise DataError(
            f"{path} is not a Parquet file: {error}.", remedy="Write the table again."
        ) from error
    classes = class_names(schema.metadata)

    def values(name: str) -> list[object]:
        with pq.ParquetFile(path) as file:
            data = file.read(columns=[name])[name]
        return named(data.to_pylist(), classes.get(name))

    def column(name: str) -> list[Cell]:
        kind = schema.field(name).type
        if pa.types.is_nested(kind):
            raise DataError(
                f"The column {name!r} of {path} is of type {kind}, where text is expected.",
                remedy="Write the images to files and their paths into the table.",
            )
        return [as_cell(value) for value in values(name)]

    images = frozenset(field.name for field in schema if _holds_images(field.type))
    lists = frozenset(field.name for field in schema if _is_list(field.type))
    rows = range(1, n_rows + 1)
    return TableFile(path, schema.names, rows, column, values, images, several=lists)


def _is_list(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind))


def _holds_images(kind: Any) -> bool:
    import pyarrow as pa

    if pa.types.is_struct(kind):
        return any(kind.field(i).name == "bytes" for i in range(kind.num_fields))
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def class_names(notes: Mapping[bytes, bytes] | None) -> dict[str, list[str]]:
    """The names of the classes in each column, out of a file's notes by ``datasets``."""
    try:
        features = json.loads((notes or {}).get(b"huggingface", b"{}"))["info"]["features"]
        found = {name: kind["names"] for name, kind in features.items() if "names" in kind}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}
    return {
        name: names
        for name, names in found.items()
        if isinstance(names, list) and all(isinstance(one, str) for one in names)
    }


def named(values: Sequence[object], names: Sequence[str] | None) -> list[object]:
    """Class numbers by their names; -1, which stands for no label, as nothing."""
    if names is None or not all(value is None or isinstance(value, int) for value in values):
        return list(values)
    if any(isinstance(value, int) and value >= len(names) for value in values):
        return list(values)
    return [names[value] if isinstance(value, int) and value >= 0 else None for value in values]
