"""Datasets out of tables."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from topwork.data.dataset import ClassTargets, Dataset
from topwork.data.images import ImageKind
from topwork.data.item import Item, ItemKind, Rejected
from topwork.data.splits import SPLIT_NAMES, Split, part_read, wanted_parts
from topwork.data.table import Table, read_table
from topwork.data.texts import TextKind
from topwork.errors import DataError

_KEEP = {"true": True, "1": True, "false": False, "0": False}


def read_tabular(
    source: str | Path,
    *,
    split: Split,
    columns: Mapping[str, str] | None,
    header: Sequence[str] | None,
    contents: Sequence[str] = ("path", "text"),
    skip_unlabelled: bool = False,
) -> Dataset:
    """Read a table with columns path or text, and label, and optionally group, domain, split, keep.

    Paths are relative to the table. Rows that are not of the part asked for, or not to be kept, are
    dropped before anything else about them is looked at. A bad row of texts is rejected; a table of
    files must have none.

    Parameters
    ----------
    contents
        ``path``, ``text`` or both; of both, the first that is there says what the items are.
    skip_unlabelled
        Leave rows without a label out.

    Raises
    ------
    topwork.errors.DataError
        If the table cannot be read or lacks a column, a row lacks an entry, or no file is there.
    """
    whole = read_table(
        Path(source),
        columns=columns,
        header=header,
        contents=contents,
        required=("label",),
        optional=("group", "domain", "split", "keep"),
    )
    kept = _kept(whole)
    table, part = _of_split(kept, split)
    if skip_unlabelled:
        table = _with_labels(table)
    table, rejected = _labelled(table)
    if not len(table):
        raise DataError(f"{source} has no rows to read.", remedy="It needs a row for each item.")
    items = _items(table)
    _check_any_exists(items, table)
    dropped = len(whole) - len(kept)
    return Dataset(
        items=items,
        targets=ClassTargets.from_labels(table.filled("label")),
        groups=_array(table, "group"),
        domains=_array(table, "domain"),
        split=part,
        kind=_kind(table),
        ignored={"rows not kept": dropped} if dropped else {},
        rejected=rejected,
        source=str(source),
    )


def read_tabular_items(
    source: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    header: Sequence[str] | None = None,
    contents: Sequence[str] = ("path",),
) -> list[Item]:
    """List the items of a table with a column path or text; rows that are not to be kept are not.

    A bad row of texts is an item all the same: reading it will say so.
    """
    table = read_table(
        Path(source),
        columns=columns,
        header=header,
        contents=contents,
        required=(),
        optional=("keep",),
    )
    return _items(_kept(table)) + [Item(r.path, value=r) for r in _rejected(table)]


def _kind(table: Table) -> ItemKind:
    return TextKind() if table.contents == "text" else ImageKind()


def _items(table: Table) -> list[Item]:
    """Name each file so that it opens from the current folder, each text by its line."""
    if table.contents == "text":
        cells = zip(table.lines, table.columns["text"], strict=True)
        return [Item(f"{table.path}:{line}", value=cell or "") for line, cell in cells]
    folder = "" if str(table.path.parent) == "." else str(table.path.parent)
    paths = [os.path.join(folder, path) for path in table.filled("path")]  # noqa: PTH118
    return [Item(path, Path(path)) for path in paths]


def _with_labels(table: Table) -> Table:
    """The rows that have a label.

    Raises
    ------
    topwork.errors.DataError
        If none has one.
    """
    labels = table.columns["label"]
    rows = [row for row, cell in enumerate(labels) if cell is not None and cell.strip()]
    if not rows:
        raise DataError(
            f"No row of {table.path} has a label.", remedy="Fill in the column label of some rows."
        )
    return table.keep(rows)


def _labelled(table: Table) -> tuple[Table, tuple[Rejected, ...]]:
    """Rows of texts that have a label, and those that are bad; of files, all."""
    if table.contents != "text":
        return table, ()
    labels = table.columns["label"]
    without = [row for row, cell in enumerate(labels) if cell is None or not cell.strip()]
    lacking = [Rejected(f"{table.path}:{table.lines[row]}", "no_label") for row in without]
    return table.keep(set(range(len(table))) - set(without)), (*_rejected(table), *lacking)


def _rejected(table: Table) -> tuple[Rejected, ...]:
    return tuple(
        Rejected(f"{table.path}:{row.line}", row.reason, row.error.message) for row in table.bad
    )


def _array(table: Table, name: str) -> np.ndarray | None:
    return np.array(table.filled(name)) if name in table.columns else None


def _kept(table: Table) -> Table:
    if "keep" not in table.columns:
        return table
    flags = [_KEEP.get((cell or "").strip().lower()) for cell in table.columns["keep"]]
    table.refuse(
        [row for row, flag in enumerate(flags) if flag is None],
        "say neither true nor false in keep",
        remedy="Write true, false, 1 or 0.",
    )
    return table.keep([row for row, flag in enumerate(flags) if flag])


def _of_split(table: Table, split: Split) -> tuple[Table, str]:
    if "split" not in table.columns or not len(table):
        return table, part_read(wanted_parts(split, (), source=str(table.path)))
    cells = table.columns["split"]
    parts = [SPLIT_NAMES.get((cell or "").strip().lower()) for cell in cells]
    table.refuse(
        [row for row, part in enumerate(parts) if part is None],
        "have an unknown split",
        remedy=f"Write one of {', '.join(SPLIT_NAMES)}.",
    )
    present = {part for part in parts if part is not None}
    wanted = wanted_parts(split, present, source=str(table.path))
    return table.keep([row for row, part in enumerate(parts) if part in wanted]), part_read(wanted)


def _check_any_exists(items: Sequence[Item], table: Table) -> None:
    """Tell a table with wrong paths from one with single missing files."""
    if table.contents == "text" or any(os.path.lexists(item.name) for item in items):
        return
    raise DataError(
        f"None of the {len(items)} files that {table.path} names is there, such as "
        f"{items[0].name}.",
        remedy="Paths in a table are relative to the folder of the table.",
    )
