"""Items that need no labels, out of whatever the user has."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from topwork.data.dataset import Dataset
from topwork.data.folders.class_folders import read_files_below
from topwork.data.folders.folder_tables import table_instead, tables_in
from topwork.data.folders.skipped import skipped_sentences
from topwork.data.item import Item, Modality, ModalityName
from topwork.data.modality import MODALITIES, check_items, columns_of
from topwork.data.reading.frames import frame_of, items_of_frame
from topwork.data.reading.given import existing, file_of_lines, only_for
from topwork.data.reading.line_file import line_items, many_lines
from topwork.data.reading.medical.patients import with_patients
from topwork.data.reading.memory import each_of, kind_of, make_item
from topwork.data.reading.missing import warn_of_files
from topwork.data.reading.tabular import read_tabular_items
from topwork.data.tables.table_file import PATH, TEXT
from topwork.data.tables.table_files import is_table
from topwork.errors import DataError


def read_items(
    inputs: object,
    *,
    columns: Mapping[str, str] | None = None,
    header: Sequence[str] | None = None,
    kind: ModalityName = "image",
    notes: list[str] | None = None,
    ignored: Counter[str] | None = None,
    lines: bool = False,
    root: str | os.PathLike[str] | None = None,
) -> list[Item]:
    """List items that need no labels. No image is opened.

    Parameters
    ----------
    inputs
        A file, a folder (all images below it), a table with a column ``path``, a PIL image, an
        array, or any list of these. A file that is missing is an item all the same: reading it
        will say so. Items in memory are called by their index in the list.
    columns, header
        As in `read`, for tables.
    kind
        What the items are. Of texts, a string is the text itself, and a `pathlib.Path` a ``.txt``
        file, a folder of them or a table with a column ``text``.
    notes
        Takes sentences about how tables were read.
    ignored
        Counts what lies in folders and is no item, by extension or description.
    lines
        Whether each line of a text file is an item.
    root
        The folder that the paths in a table start from; the table's own where it is not given.

    Raises
    ------
    topwork.errors.DataError
        If there is nothing at all, or a table cannot be read.

    Examples
    --------
    >>> import numpy as np
    >>> [item.name for item in read_items([np.zeros((8, 8)), "a.jpg"])]
    ['item 0', 'a.jpg']
    """
    file = frame_of(inputs)
    if file is not None:
        only_for("a table in a file", root=root)
        return items_of_frame(file, columns=columns, contents=columns_of(kind))
    values = list(each_of(inputs))
    items: list[Item] = []
    counted: Counter[str] = Counter() if ignored is None else ignored
    if not any(isinstance(v, (str, os.PathLike)) and is_table(Path(v)) for v in values):
        only_for("a table in a file", root=root)
    inline = MODALITIES[kind].inline
    if inline:
        warn_of_files(values)
    for index, value in enumerate(values):
        if lines and inline and isinstance(value, os.PathLike) and not is_table(Path(value)):
            items += line_items(file_of_lines(existing(value)), notes)
        elif isinstance(value, os.PathLike) or (isinstance(value, str) and not inline):
            items += _named(
                Path(value),
                index,
                columns=columns,
                header=header,
                kind=kind,
                notes=notes,
                ignored=counted,
                root=root,
            )
        else:
            items.append(make_item(value, index, kind))
    if not items:
        for folder in [Path(value) for value in values if isinstance(value, (str, os.PathLike))]:
            if folder.is_dir() and (tables := tables_in(folder)):
                raise table_instead(folder, tables, f"{kind}s")
        named = ", ".join(str(value) for value in values[:3])
        said = "".join(f" {sentence}" for sentence in skipped_sentences(counted, f"{kind}s"))
        raise DataError(
            f"No {kind}s were found in {named}.{said}" if named else "There is nothing to read.",
            remedy=f"Give {kind} files, folders that hold some, or a table with a column "
            f"{MODALITIES[kind].column}.",
        )
    return items


def _named(
    path: Path,
    index: int,
    *,
    columns: Mapping[str, str] | None,
    header: Sequence[str] | None,
    kind: ModalityName,
    notes: list[str] | None,
    ignored: Counter[str],
    root: str | os.PathLike[str] | None,
) -> list[Item]:
    if path.is_dir():
        return read_files_below(path, kind, ignored)
    if is_table(path):
        return read_tabular_items(
            existing(path),
            columns=columns,
            header=header,
            contents=columns_of(kind),
            notes=notes,
            root=None if root is None else Path(root),
        )
    if MODALITIES[kind].inline and notes is not None:
        notes += many_lines(path)
    return [make_item(path, index)]


def read_unlabelled(
    source: str | os.PathLike[str],
    *,
    kind: Modality,
    columns: Mapping[str, str] | None = None,
    header: Sequence[str] | None = None,
    root: str | os.PathLike[str] | None = None,
    lines: bool = False,
) -> Dataset:
    """Items without labels from a file, a folder or a table that must be there.

    Parameters
    ----------
    kind
        What they are.
    columns, header, root
        As in `read`, for tables.
    lines
        Whether each line of a text file is an item.

    Raises
    ------
    topwork.errors.DataError
        If there is nothing, or a table cannot be read.
    """
    ignored: Counter[str] = Counter()
    notes: list[str] = []
    items = read_items(
        existing(source),
        kind=kind.name,
        columns=columns,
        header=header,
        notes=notes,
        ignored=ignored,
        root=root,
        lines=lines,
    )
    named = {ours: theirs for ours, theirs in (columns or {}).items() if ours in (PATH, TEXT)}
    data = Dataset(
        items,
        kind=kind,
        source=str(source),
        ignored=dict(ignored),
        hints=tuple(notes),
        columns=named,
    )
    return with_patients(data)


def read_any(
    source: object,
    *,
    items: str = "auto",
    columns: Mapping[str, str] | None = None,
    header: Sequence[str] | None = None,
    root: str | os.PathLike[str] | None = None,
    lines: bool = False,
) -> Dataset:
    """Items without labels out of anything that holds some; labels that are there are left.

    Parameters
    ----------
    source
        A file, a folder, a table, a data frame, a list of items, or a `Dataset`.
    items
        ``image``, ``text``, or ``auto`` to take those that are found first.
    columns, header, root, lines
        As in `read_unlabelled`.

    Raises
    ------
    topwork.errors.DataError
        If there is nothing, or a table cannot be read.
    topwork.errors.ParameterError
        If ``items`` is unknown.

    Examples
    --------
    >>> data = read_any(["a fine film", "a dull one"])
    >>> data.kind.name, len(data)
    ('text', 2)
    """
    check_items(items)
    if isinstance(source, Dataset):
        return source.without_targets()
    if isinstance(source, str | os.PathLike):
        return _of_path(source, items, columns=columns, header=header, root=root, lines=lines)
    values = source if frame_of(source) is not None else list(each_of(source))
    wanted = [items]
    if items == "auto":
        wanted = [kind_of(values)] if isinstance(values, list) else list(MODALITIES)
    first: DataError | None = None
    for name in wanted:
        try:
            found = read_items(values, columns=columns, kind=name)
        except DataError as error:
            first = first or error
        else:
            return with_patients(Dataset(found, kind=MODALITIES[name], source="memory"))
    assert first is not None
    if first.code == "missing_column" and (file := frame_of(source)) is not None:
        items_of_frame(file, columns=columns, contents=columns_of("auto"))
    raise first


def _of_path(
    source: str | os.PathLike[str],
    items: str,
    *,
    columns: Mapping[str, str] | None,
    header: Sequence[str] | None,
    root: str | os.PathLike[str] | None,
    lines: bool,
) -> Dataset:
    """The first modality of which there is anything."""
    path = existing(source)
    kinds = list(MODALITIES.values()) if items == "auto" else [MODALITIES[items]]
    if lines:
        kinds = [kind for kind in kinds if kind.inline] or kinds
    elif path.is_file() and not is_table(path):
        kinds = [kind for kind in kinds if path.suffix.lower() in kind.extensions] or kinds
    first: DataError | None = None
    for kind in kinds:
        try:
            return read_unlabelled(
                path, kind=kind, columns=columns, header=header, root=root, lines=lines
            )
        except DataError as error:
            first = first or error
    assert first is not None
    if first.code == "missing_column" and len(kinds) > 1:  # one sentence on all columns
        wanted = columns_of("auto")
        read_tabular_items(path, columns=columns, header=header, contents=wanted)
    raise first
