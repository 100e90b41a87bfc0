"""Datasets out of tables."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from topwork.data.dataset import ClassTargets, Dataset, Targets
from topwork.data.folders.located import locate, why_missing
from topwork.data.folders.splits import Split, part_of, part_read, requested_parts
from topwork.data.item import Item, Rejected
from topwork.data.modality import modality_with
from topwork.data.object_storage import is_object
from topwork.data.reading.further_images import with_images, without_several
from topwork.data.reading.several_labels import holds_several, labelled_rows, several_labels
from topwork.data.tables.column_guess import names_images
from topwork.data.tables.further import rows_beside
from topwork.data.tables.table import Table, read_table
from topwork.data.tables.table_file import PATH, TEXT
from topwork.data.targets.label_values import Label, read_labels
from topwork.data.targets.labels import alike, readable
from topwork.data.targets.python_labels import labels_of, plain
from topwork.errors import DataError, ParameterError
from topwork.settings.choices import AskedTask

_KEEP = {"true": True, "1": True, "false": False, "0": False}


def read_tabular(
    source: str | Path,
    *,
    split: Split,
    columns: Mapping[str, str] | None,
    header: Sequence[str] | None,
    contents: Sequence[str] = (PATH, TEXT),
    skip_unlabelled: bool = False,
    root: str | Path | None = None,
    task: AskedTask = "auto",
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
    root
        The folder that paths start from; the table's own where it is not given.
    task
        What the labels are.

    Raises
    ------
    topwork.errors.DataError
        If the table cannot be read or lacks a column, a row lacks an entry, or no file is there.
    """
    wanted: dict[str, Any] = {"required": ("label",), "optional": OPTIONAL, "task": task}
    path = Path(source)
    whole = read_table(path, columns=columns, header=header, contents=contents, **wanted)
    if PATH in contents and whole.contents == TEXT and names_images(whole.columns[TEXT]):
        whole, contents = _files_instead(path, columns, header, wanted), (PATH,)
    chosen = _chosen(whole, split)
    chosen = replace(chosen, table=_located(chosen.table, root))
    if TEXT in contents and len(chosen.table) and not _names_a_file(chosen.table):
        texts = _texts_instead(path, columns, header, wanted)
        if texts is not None:
            return dataset_of(texts, split=split, skip_unlabelled=skip_unlabelled, task=task)
    return _dataset(chosen, skip_unlabelled=skip_unlabelled, task=task)


OPTIONAL: Final = ("group", "domain", "split", "keep")
"""Columns that are read where they are there."""


def dataset_of(
    whole: Table, *, split: Split, skip_unlabelled: bool = False, task: AskedTask = "auto"
) -> Dataset:
    """The items of a table with their labels; see `read_tabular`."""
    return _dataset(_chosen(whole, split), skip_unlabelled=skip_unlabelled, task=task)


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The rows of a table that are to be kept and of the part asked for."""

    table: Table
    part: str
    n_not_kept: int


def _chosen(whole: Table, split: Split) -> _Chosen:
    kept = _kept(whole)
    table, part = _of_split(kept, split)
    return _Chosen(table, part, len(whole) - len(kept))


def _dataset(chosen: _Chosen, *, skip_unlabelled: bool, task: AskedTask) -> Dataset:
    several = len(chosen.table) > 0 and holds_several(chosen.table, task)
    labelled = labelled_rows if several else _labelled
    table, n_unlabelled = labelled(chosen.table, skip_unlabelled=skip_unlabelled)
    if not len(table):
        raise _no_rows(table)
    items = _items(table)
    _check_any_exists(items, table)
    targets: Targets
    if several:
        targets, hints = several_labels(table)
    else:
        labels, hints = _labels(table, beside_gap=n_unlabelled > 0)
        targets = ClassTargets.from_labels(labels)
    ignored = {"rows not kept": chosen.n_not_kept, "rows without a label": n_unlabelled}
    return Dataset(
        items=items,
        targets=targets,
        groups=_array(table, "group"),
        domains=_array(table, "domain"),
        split=chosen.part,
        kind=modality_with(table.contents),
        ignored={what: n for what, n in ignored.items() if n},
        rejected=_rejected(table),
        hints=(*table.hints, *hints),
        columns=table.named,
        asked=table.asked,
        source="memory" if table.in_memory else str(table.path),
    )


def _files_instead(
    path: Path,
    columns: Mapping[str, str] | None,
    header: Sequence[str] | None,
    wanted: Mapping[str, Any],
) -> Table:
    """The same table with the images that its column of texts names."""
    given = dict(columns or {})
    renamed = {**given, PATH: given.pop(TEXT, TEXT)}
    renamed.pop(TEXT, None)
    files = read_table(path, columns=renamed, header=header, contents=(PATH,), **wanted)
    said = (
        f"The column {renamed[PATH]} of {path} names images, so the images were read; "
        "--kind text insists on the names as texts."
    )
    return replace(files, hints=(*files.hints, said))


def _texts_instead(
    path: Path,
    columns: Mapping[str, str] | None,
    header: Sequence[str] | None,
    wanted: Mapping[str, Any],
) -> Table | None:
    """The texts of a table that also says which files they came from; None if there are none."""
    try:
        texts = read_table(path, columns=columns, header=header, contents=(TEXT,), **wanted)
    except DataError:
        return None
    said = (
        f"None of the files in the column path of {path} is there, so its column text was read; "
        "--kind image insists on the files."
    )
    return replace(texts, hints=(*texts.hints, said))


def _no_rows(table: Table) -> DataError:
    if not table.bad:
        remedy = "It needs a row for each item."
        return DataError(f"{table.path} has no rows to read.", remedy=remedy)
    first = table.bad[0].error
    return DataError(
        f"None of the {len(table.bad)} rows of {table.path} can be read. The first reason: "
        f"{first.message}",
        remedy=first.remedy,
    )


def _labels(table: Table, *, beside_gap: bool) -> tuple[list[Label], tuple[str, ...]]:
    """Labels as they mean the same in every form of table; those in memory keep their type."""
    if "label" not in table.values:
        texts, hints = read_labels(table.filled("label"))
        composed = [readable(text) for text in texts]
        return list(composed), (*hints, *alike(sorted(set(composed))))
    labels = labels_of(table.values["label"])
    if beside_gap and all(isinstance(label, float) and label.is_integer() for label in labels):
        labels = [int(label) for label in labels]  # what pandas makes of integers beside a gap
    return labels, ()


def read_tabular_items(
    source: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    header: Sequence[str] | None = None,
    contents: Sequence[str] = (PATH,),
    notes: list[str] | None = None,
    root: str | Path | None = None,
) -> list[Item]:
    """List the items of a table with a column path or text; rows that are not to be kept are not.

    A bad row of texts is an item all the same: reading it will say so. Sentences about how the
    table was read go to ``notes``.
    """
    table = read_table(
        Path(source),
        columns=columns,
        header=header,
        contents=contents,
        required=(),
        optional=("keep",),
    )
    table = _located(_kept(table), root)
    if notes is not None:
        notes += table.hints
    return items_of(table)


def read_tabular_parts(
    source: str | Path,
    *,
    split: Split,
    columns: Mapping[str, str] | None = None,
    header: Sequence[str] | None = None,
    root: str | os.PathLike[str] | None = None,
) -> tuple[Dataset, list[str] | None]:
    """Images of a table that needs no labels, with their groups; and the labels, if there are."""
    optional = ("keep", "split", "group", "label")
    table = read_table(
        Path(source),
        columns=columns,
        header=header,
        contents=(PATH,),
        required=(),
        optional=optional,
    )
    chosen = _chosen(table, split)
    table = _located(chosen.table, None if root is None else Path(root))
    labels = [cell or "" for cell in table.columns["label"]] if "label" in table.columns else None
    found = Dataset(
        items=_items(table),
        groups=_array(table, "group"),
        split=chosen.part,
        kind=modality_with(table.contents),
        hints=table.hints,
        columns={ours: theirs for ours, theirs in table.named.items() if ours == PATH},
        source=str(table.path),
    )
    return found, labels


def items_of(table: Table) -> list[Item]:
    """The items of a table, bad rows among them."""
    return _items(table) + [Item(r.path, value=r) for r in _rejected(table)]


def _located(table: Table, root: str | Path | None) -> Table:
    """The table with the paths under which its files are there."""
    inline = modality_with(table.contents).inline
    if root is not None and (inline or not Path(root).is_dir()):
        raise ParameterError(
            f"root goes with tables of files, not of {table.contents}s."
            if inline
            else f"root is {root}, which is no folder.",
            remedy="Give the folder that the paths in the table start from, or leave root out.",
        )
    if inline or table.contents in table.values:
        return table
    folder = table.path.parent if root is None else Path(root)
    table = without_several(table, folder) if table.several_images else table
    cells = table.columns[table.contents]
    rows = [row for row, cell in enumerate(cells) if cell is not None and cell.strip()]
    located = locate([cells[row] or "" for row in rows], folder)
    paths = list(cells)
    for row, path in zip(rows, located.paths, strict=True):
        paths[row] = path
    columns = {**table.columns, table.contents: paths}
    return replace(table, columns=columns, folder=folder, hints=(*table.hints, *located.notes))


def _items(table: Table) -> list[Item]:
    """Name each file so that it opens from the current folder, each text by its line."""
    items = _items_alone(table)
    if table.beside:
        rows = rows_beside(table.beside, len(items))
        items = [replace(item, beside=row) for item, row in zip(items, rows, strict=True)]
    return with_images(items, table) if table.images else items


def _items_alone(table: Table) -> list[Item]:
    if table.contents in table.values:
        images = zip(table.lines, table.values[table.contents], strict=True)
        return [_image(_place(table, line), value) for line, value in images]
    if modality_with(table.contents).inline:
        cells = zip(table.lines, table.columns[table.contents], strict=True)
        return [Item(_place(table, line), value=cell or "") for line, cell in cells]
    paths = _opening(table, table.filled(table.contents))
    return [Item(path, Path(path)) for path in paths]


def _opening(table: Table, cells: Sequence[str]) -> list[str]:
    """Paths that open from the current folder."""
    start = table.path.parent if table.folder is None else table.folder
    folder = "" if str(start) == "." else str(start)
    return [
        cell if is_object(cell) else os.path.join(folder, cell)  # noqa: PTH118
        for cell in cells
    ]


def _place(table: Table, line: int) -> str:
    """What an item without a file is called."""
    return f"item {line - 1}" if table.in_memory else f"{table.path}:{line}"


def _image(name: str, value: object) -> Item:
    """An image out of a cell: its bytes, perhaps beside the name of its file, or pixels."""
    held = value.get("bytes", value) if isinstance(value, Mapping) else value
    return Item(name, value=held if held is not None else b"")


def _labelled(table: Table, *, skip_unlabelled: bool) -> tuple[Table, int]:
    """The rows that have a label, and how many have none.

    Raises
    ------
    topwork.errors.DataError
        If none has one.
    """
    without = table.empty("label")
    if len(without) == len(table):
        table.filled("label")
    return table.keep(set(range(len(table))) - set(without)), 0 if skip_unlabelled else len(without)


def _rejected(table: Table) -> tuple[Rejected, ...]:
    return tuple(
        Rejected(f"{table.path}:{row.line}", row.reason, row.error.message) for row in table.bad
    )


def _array(table: Table, name: str) -> np.ndarray | None:
    if name not in table.columns:
        return None
    cells = table.filled(name)
    return np.array([plain(value) for value in table.values.get(name, cells)])


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
        return table, part_read(requested_parts(split, (), source=str(table.path)))
    cells = table.columns["split"]
    parts = [part_of(cell or "") or None for cell in cells]
    table.refuse(
        [row for row, part in enumerate(parts) if part is None],
        "have an unknown split",
        remedy="Write train, val or test.",
    )
    present = {part for part in parts if part is not None}
    wanted = requested_parts(split, present, source=str(table.path))
    return table.keep([row for row, part in enumerate(parts) if part in wanted]), part_read(wanted)


def _check_any_exists(items: Sequence[Item], table: Table) -> None:
    """Tell a table with wrong paths from one with single missing files."""
    if table.in_memory or _names_a_file(table):
        return
    raise DataError(
        f"None of the {len(items)} files that {table.path} names is there, such as "
        f"{items[0].name}{why_missing(table.filled(table.contents)[0])}.",
        remedy="Paths in a table are relative to the folder of the table; if they start from "
        "another one, name it with --root FOLDER.",
    )


def _names_a_file(table: Table) -> bool:
    """Whether one of the files is there, where the items are files; cells may be empty."""
    if modality_with(table.contents).inline or table.contents in table.values:
        return True
    named = [cell for cell in table.columns[table.contents] if cell and cell.strip()]
    return any(is_object(path) or os.path.lexists(path) for path in _opening(table, named))
