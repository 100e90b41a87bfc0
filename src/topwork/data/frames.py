"""Tables in memory: data frames, tables of Arrow, data sets of hubs, dictionaries of columns.

They are told by what they offer, so that none of their libraries is imported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from topwork.data.dataset import Dataset
from topwork.data.item import Item
from topwork.data.parquet_file import class_names, named
from topwork.data.python_labels import column_of, labels_of, plain
from topwork.data.splits import Split
from topwork.data.table import Table, choose_columns
from topwork.data.table_file import Cell, TableFile, as_cell
from topwork.data.tabular import OPTIONAL, dataset_of, items_of
from topwork.errors import DataError

_NAME: Final = Path("The frame")


def frame_of(data: object) -> TableFile | None:
    """The columns of a frame; None for anything that is none.

    Takes frames of pandas and polars, tables of pyarrow, data sets of Hugging Face, dictionaries of
    columns, and lists of dictionaries.
    """
    if isinstance(data, (str, bytes, np.ndarray, tuple)):
        return None
    if isinstance(data, list):
        rows = bool(data) and all(isinstance(row, Mapping) for row in data)
        return _file(*_of_rows(data)) if rows else None
    if isinstance(data, Mapping):
        return _of_mapping(data)
    found: Any = data
    if hasattr(found, "collect_schema") and hasattr(found, "collect"):  # a lazy frame of polars
        found = found.collect()
    if hasattr(found, "column_names") and hasattr(found, "__getitem__"):
        classes = _classes(found)
        return _file(
            list(found.column_names), lambda name: named(_listed(found[name]), classes.get(name))
        )
    if hasattr(found, "columns") and hasattr(found, "__getitem__"):
        keys = {str(key): key for key in found.columns}
        return _file(list(keys), lambda name: _listed(found[keys[name]]))
    return None


def _file(names: Sequence[str], values: Callable[[str], Sequence[object]]) -> TableFile:
    held = {name: [plain(value) for value in values(name)] for name in names}
    n = len(next(iter(held.values()), []))

    def column(name: str) -> list[Cell]:
        return [None if _is_picture(value) else as_cell(value) for value in held[name]]

    pictures = frozenset(name for name in names if any(map(_is_picture, held[name][:50])))
    return TableFile(
        _NAME, names, range(1, n + 1), column, held.__getitem__, pictures, in_memory=True
    )


def _of_rows(rows: Sequence[Mapping[Any, Any]]) -> tuple[list[str], Callable[[str], list[object]]]:
    names = list(dict.fromkeys(str(name) for row in rows for name in row))
    return names, lambda name: [row.get(name) for row in rows]


def _of_mapping(data: Mapping[Any, Any]) -> TableFile | None:
    if data and all(hasattr(part, "column_names") for part in data.values()):
        raise DataError(
            f"The data are in parts: {', '.join(map(str, data))}.",
            remedy=f"Give one of them, such as data[{next(iter(data))!r}].",
        )
    columns = {str(name): _listed(values) for name, values in data.items()}
    lengths = {len(values) for values in columns.values()}
    if len(lengths) != 1 or any(isinstance(v, (str, bytes, int, float)) for v in data.values()):
        return None
    return _file(list(columns), columns.__getitem__)


def _listed(values: Any) -> list[object]:
    for name in ("to_pylist", "to_list", "tolist"):
        if hasattr(values, name) and not (isinstance(values, np.ndarray) and values.ndim > 1):
            found: list[object] = getattr(values, name)()
            return found
    return list(values) if hasattr(values, "__iter__") else [values]


def _classes(data: Any) -> dict[str, list[str]]:
    """Names of classes that a data set carries with it."""
    if hasattr(data, "features"):
        kinds = dict(data.features)
        return {name: list(kind.names) for name, kind in kinds.items() if hasattr(kind, "names")}
    return class_names(getattr(getattr(data, "schema", None), "metadata", None))


def _is_picture(value: object) -> bool:
    if isinstance(value, Mapping):
        return "bytes" in value
    return isinstance(value, (bytes, np.ndarray)) or (
        (hasattr(value, "__array__") or hasattr(value, "__array_interface__"))
        and not isinstance(value, np.generic)
    )


def read_frame(
    file: TableFile,
    labels: object,
    *,
    columns: Mapping[str, str] | None,
    contents: Sequence[str],
    split: Split,
    groups: object = None,
    domains: object = None,
) -> Dataset:
    """Read a frame like a table in a file; ``labels`` may stand beside it."""
    if labels is None:
        whole = choose_columns(
            file, columns=columns, contents=contents, required=("label",), optional=OPTIONAL
        )
        data = dataset_of(whole, split=split)
        if groups is None and domains is None:
            return data
        raise DataError(
            "Groups or domains are given beside a frame with labels of its own.",
            remedy="Write them into its columns group and domain.",
        )
    table = _table(file, columns, contents, optional=("group", "domain"))
    given = labels_of(labels)
    if len(given) != len(table):
        raise DataError(
            f"There are {len(table)} items but {len(given)} labels.",
            remedy="Give one label for each item, in the same order.",
        )
    beside = {"label": [as_cell(label) for label in given]}
    table = replace(
        table, columns={**table.columns, **beside}, values={**table.values, "label": given}
    )
    data = dataset_of(table, split=split)
    return replace(
        data,
        groups=data.groups if groups is None else column_of("groups", groups),
        domains=data.domains if domains is None else column_of("domains", domains),
    )


def items_of_frame(
    file: TableFile, *, columns: Mapping[str, str] | None, contents: Sequence[str]
) -> list[Item]:
    """The items of a frame, whose only column needs no name of ours."""
    return items_of(_table(file, columns, contents))


def _table(
    file: TableFile,
    columns: Mapping[str, str] | None,
    contents: Sequence[str],
    optional: Sequence[str] = (),
) -> Table:
    if columns is None and len(file.names) == 1:
        columns = {_sole(file, contents): file.names[0]}
        contents = tuple(columns)
    return choose_columns(file, columns=columns, contents=contents, required=(), optional=optional)


def _sole(file: TableFile, contents: Sequence[str]) -> str:
    """What the only column of a frame holds, where it may be either."""
    if len(contents) == 1 or file.names[0].lower() in contents:
        return file.names[0].lower() if file.names[0].lower() in contents else contents[0]
    if file.names[0] in file.pictures:
        return "path"
    cells = [cell for cell in file.column(file.names[0]) if cell]
    return "text" if 2 * sum(" " in cell.strip() for cell in cells) > len(cells) else "path"
