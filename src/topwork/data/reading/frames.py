"""Tables in memory: data frames, tables of Arrow, data sets of hubs, dictionaries of columns.

They are told by what they offer, so that none of their libraries is imported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from topwork.data.dataset import Dataset
from topwork.data.folders.splits import Split
from topwork.data.item import Item
from topwork.data.reading.tabular import OPTIONAL, dataset_of, items_of
from topwork.data.tables.parquet_file import class_names, named
from topwork.data.tables.table import Table, choose_columns
from topwork.data.tables.table_file import Cell, TableFile, as_cell
from topwork.data.targets.given_labels import given_labels
from topwork.data.targets.label_targets import LabelTargets
from topwork.data.targets.python_labels import column_of, plain
from topwork.data.targets.several_labels import are_lists
from topwork.errors import DataError
from topwork.settings.choices import AskedTask

_NAME: Final = Path("The frame")

_FIRST: Final = 50
"""Rows that tell whether a column holds images."""


def frame_of(data: object) -> TableFile | None:
    """The columns of a frame; None for anything that is none.

    Takes frames of pandas and polars, tables of pyarrow, data sets of Hugging Face, dictionaries of
    columns, and lists of dictionaries.
    """
    if isinstance(data, (str, bytes, np.ndarray, tuple)):
        return None
    if isinstance(data, list):
        rows = bool(data) and all(isinstance(row, Mapping) for row in data)
        return _of_rows(data) if rows else None
    if isinstance(data, Mapping):
        return _of_mapping(data)
    found: Any = data
    if hasattr(found, "collect_schema") and hasattr(found, "collect"):  # a lazy frame of polars
        found = found.collect()
    if hasattr(found, "column_names") and hasattr(found, "__getitem__"):
        classes = _classes(found)
        return _file(
            list(found.column_names),
            lambda name: named(_listed(found[name]), classes.get(name)),
            _n_rows(found),
            lambda name: _listed(_first_rows(found)[name]),
        )
    if hasattr(found, "columns") and hasattr(found, "__getitem__"):
        keys = {str(key): key for key in found.columns}
        return _file(
            list(keys),
            lambda name: _listed(found[keys[name]]),
            _n_rows(found),
            lambda name: _listed(_first_rows(found)[keys[name]]),
        )
    return None


_Values = Callable[[str], Sequence[object]]


def _file(
    names: Sequence[str], values: _Values, n: int | None, first: _Values | None = None
) -> TableFile:
    """A table whose columns are only gone through when they are asked for.

    Parameters
    ----------
    n
        Its rows; None to count them.
    first
        Gives the first values of a column, where they are had without all others.
    """

    @cache
    def held(name: str) -> list[object]:
        return [plain(value) for value in values(name)]

    def column(name: str) -> list[Cell]:
        return [None if _is_image(value) else as_cell(value) for value in held(name)]

    some = first or values
    seen = {name: [plain(value) for value in some(name)[:_FIRST]] for name in names}
    images = frozenset(name for name, cells in seen.items() if any(map(_is_image, cells)))
    lists = frozenset(n for n, cells in seen.items() if n not in images and are_lists(cells))
    if n is None:
        n = len(held(names[0])) if names else 0
    return TableFile(
        _NAME, names, range(1, n + 1), column, held, images, in_memory=True, several=lists
    )


def _n_rows(frame: Any) -> int | None:
    return len(frame) if hasattr(frame, "__len__") else None


def _first_rows(frame: Any) -> Any:
    """A frame of the first rows, by whichever method it has for that."""
    if hasattr(frame, "head"):
        return frame.head(_FIRST)
    if hasattr(frame, "slice"):
        return frame.slice(0, _FIRST)
    if hasattr(frame, "select"):
        return frame.select(range(min(_FIRST, len(frame))))
    return frame


def _of_rows(rows: Sequence[Mapping[Any, Any]]) -> TableFile:
    names = list(dict.fromkeys(str(name) for row in rows for name in row))
    return _file(
        names,
        lambda name: [row.get(name) for row in rows],
        len(rows),
        lambda name: [row.get(name) for row in rows[:_FIRST]],
    )


def _of_mapping(data: Mapping[Any, Any]) -> TableFile | None:
    if data and all(hasattr(part, "column_names") for part in data.values()):
        raise DataError(
            f"The data are in parts: {', '.join(map(str, data))}.",
            remedy=f"Give one of them, such as data[{next(iter(data))!r}].",
        )
    columns = {
        str(name): values if hasattr(values, "__len__") else _listed(values)
        for name, values in data.items()
    }
    lengths = {len(values) for values in columns.values()}
    if len(lengths) != 1 or any(isinstance(v, (str, bytes, int, float)) for v in data.values()):
        return None
    return _file(
        list(columns),
        lambda name: _listed(columns[name]),
        lengths.pop(),
        lambda name: _listed(_first_values(columns[name])),
    )


def _first_values(values: Any) -> Any:
    """The first of a column; all where its kind may not be cut by position."""
    if hasattr(values, "head"):
        return values.head(_FIRST)
    return values[:_FIRST] if isinstance(values, (list, tuple, np.ndarray)) else values


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


def _is_image(value: object) -> bool:
    if isinstance(value, Mapping):
        return "bytes" in value
    if isinstance(value, np.ndarray) and value.dtype.kind in "OUS":
        return False  # a list of labels, as pandas reads one
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
    skip_unlabelled: bool = False,
    groups: object = None,
    domains: object = None,
    task: AskedTask = "auto",
) -> Dataset:
    """Read a frame like a table in a file; ``labels`` may stand beside it."""
    if labels is None:
        whole = choose_columns(
            file,
            columns=columns,
            contents=contents,
            required=("label",),
            optional=OPTIONAL,
            task=task,
        )
        data = dataset_of(whole, split=split, skip_unlabelled=skip_unlabelled, task=task)
        if groups is None and domains is None:
            return data
        raise DataError(
            "Groups or domains are given beside a frame with labels of its own.",
            remedy="Write them into its columns group and domain.",
        )
    table = _table(file, columns, contents, optional=("group", "domain"))
    given, said = given_labels(labels, task)
    if len(given) != len(table):
        raise DataError(
            f"There are {len(table)} items but {len(given)} labels.",
            remedy="Give one label for each item, in the same order.",
        )
    several = isinstance(given, LabelTargets)
    values = given.rows() if isinstance(given, LabelTargets) else given
    cells = [None if isinstance(value, Mapping) else as_cell(value) for value in values]
    table = replace(
        table,
        columns={**table.columns, "label": cells},
        values={**table.values, "label": values},
        hints=(*table.hints, *said),
        several=several,
    )
    data = dataset_of(table, split=split, skip_unlabelled=skip_unlabelled, task=task)
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
    if not columns and len(file.names) == 1:
        columns = {_sole(file, contents): file.names[0]}
        contents = tuple(columns)
    return choose_columns(file, columns=columns, contents=contents, required=(), optional=optional)


def _sole(file: TableFile, contents: Sequence[str]) -> str:
    """What the only column of a frame holds, where it may be either."""
    if len(contents) == 1 or file.names[0].lower() in contents:
        return file.names[0].lower() if file.names[0].lower() in contents else contents[0]
    if file.names[0] in file.images:
        return "path"
    cells = [cell for cell in file.column(file.names[0]) if cell]
    return "text" if 2 * sum(" " in cell.strip() for cell in cells) > len(cells) else "path"
