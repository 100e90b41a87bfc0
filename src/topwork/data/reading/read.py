"""The way in: datasets and items out of whatever the user has."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from topwork.data.dataset import Dataset
from topwork.data.folders.class_folders import NO_ITEMS, read_files_below, read_folder
from topwork.data.folders.skipped import skipped_sentences
from topwork.data.folders.splits import Split, check_split, requested_parts
from topwork.data.item import Item, Modality, ModalityName
from topwork.data.modality import MODALITIES, check_items, columns_of
from topwork.data.reading.frames import frame_of, items_of_frame, read_frame
from topwork.data.reading.hub_folders import refuse_described
from topwork.data.reading.line_file import line_items, many_lines, read_line_file
from topwork.data.reading.memory import each_of, is_one, make_item, read_memory
from topwork.data.reading.missing import meant, warn_of_files
from topwork.data.reading.no_dataset import in_two_files, not_data, refuse_annotation
from topwork.data.reading.tabular import read_tabular, read_tabular_items
from topwork.data.tables.table_files import is_table
from topwork.data.texts.modality import TEXT_EXTENSIONS
from topwork.errors import DataError, ParameterError
from topwork.settings.choices import Layout


def read(
    source: object,
    labels: object = None,
    *,
    split: Split = "train",
    columns: Mapping[str, str] | None = None,
    header: Sequence[str] | None = None,
    layout: Layout = "auto",
    groups: object = None,
    domains: object = None,
    items: str = "auto",
    skip_unlabelled: bool = False,
    exclude: Sequence[str] = (),
    root: str | os.PathLike[str] | None = None,
    lines: bool = False,
    names: str | os.PathLike[str] | None = None,
) -> Dataset:
    """Read labelled data. No image is opened.

    Parameters
    ----------
    source
        A folder with one folder per class; a CSV, TSV, Parquet, JSON, JSONL or Excel file; a data
        frame with such columns; a list of n paths, PIL images, arrays or texts; or a tuple of such
        a list and its labels.
    labels
        The n labels of a list; of a file with a text per line, the file with their labels.
    split
        Of data that come in parts: ``train`` (with ``val``), ``test``, ``all``, or ``test_or_all``
        (test where there is one, otherwise everything). Data without parts are read whole, but
        have no ``test``. Files of a part that was not asked for are not even looked at.
    columns
        The table's name for each of ``path`` or ``text``, ``label``, ``group``, ``domain``,
        ``split``, ``keep``, where they differ.
    header
        The names of all columns, for a CSV or TSV file without a line of names.
    layout
        What folders mean: ``class`` or ``domain/class``; ``auto`` is ``class`` where nothing speaks
        against it.
    groups, domains
        n entries each, for a list. Of a folder, ``groups`` may be ``"folder"``: what lies in one
        subfolder of a class belongs together.
    items
        ``image``, ``text``, or ``auto`` to detect: texts are a table with a column ``text`` and
        none called ``path``, class folders of ``.txt`` files without images, or strings of several
        words that are no files.
    skip_unlabelled
        Leave rows of a table, and lines, out that have no label yet.
    exclude
        Names of files and folders, at any level of a folder, that are not to be read.
    root
        The folder that the paths in a table start from; the table's own where it is not given.
    lines
        Whether each line of a file is a text; so it is where ``labels`` is a file.
    names
        The file that says what the labels in that file are called.

    Raises
    ------
    topwork.errors.DataError
        If the data cannot be used.
    topwork.errors.ParameterError
        If a parameter is unknown or does not go with the source.

    Examples
    --------
    >>> data = read(["a.jpg", "b.jpg", "c.jpg"], [0, 1, 0])
    >>> len(data), data.targets.labels
    (3, (0, 1))
    """
    check_split(split)
    check_items(items)
    if not isinstance(source, (str, os.PathLike)):
        _only_for_folders(layout, exclude)
        inputs, given = _pair(source, labels)
        file = frame_of(inputs)
        _only_for("a table", columns=columns if file is None else None)
        _only_for("a table in a file", header=header, root=root)
        if file is not None:
            return read_frame(
                file,
                given,
                columns=columns,
                contents=columns_of(items),
                split=split,
                skip_unlabelled=skip_unlabelled,
                groups=groups,
                domains=domains,
            )
        requested_parts(split, (), source="A list")
        return read_memory(inputs, given, groups=groups, domains=domains, items=items)
    path = _existing(source)
    if lines or isinstance(labels, (str, os.PathLike)):
        _only_for("a table", columns=columns, header=header, root=root)
        _only_for("a list of items", groups=groups, domains=domains)
        _only_for_folders(layout, exclude)
        if labels is None:
            _only_for("a file of labels", names=names)
        elif not isinstance(labels, (str, os.PathLike)):
            _only_for("a list of items", labels=labels)
        requested_parts(split, (), source=str(path))
        of_lines = None if labels is None else _existing(labels)  # type: ignore[arg-type]
        called = None if names is None else _existing(names)
        return read_line_file(
            _file_of_lines(path), of_lines, called, skip_unlabelled=skip_unlabelled
        )
    _only_for("a list of items", labels=labels, domains=domains)
    _only_for("a file of labels", names=names)
    if path.is_dir():
        _only_for("a table", columns=columns, header=header, root=root)
        reader = partial(
            read_folder,
            path,
            split=split,
            layout=layout,
            subfolders_are_groups=_by_folder(groups),
            exclude=exclude,
        )
        return _read_folder(reader, items, path, split)
    _only_for("a list of items", groups=groups)
    _only_for_folders(layout, exclude)
    refuse_annotation(path)
    if is_table(path) and path.is_file():
        return read_tabular(
            path,
            split=split,
            columns=columns,
            header=header,
            contents=columns_of(items),
            skip_unlabelled=skip_unlabelled,
            root=None if root is None else Path(root),
        )
    raise not_data(path)


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
        _only_for("a table in a file", root=root)
        return items_of_frame(file, columns=columns, contents=columns_of(kind))
    values = list(each_of(inputs))
    items: list[Item] = []
    counted: Counter[str] = Counter() if ignored is None else ignored
    if not any(isinstance(v, (str, os.PathLike)) and is_table(Path(v)) for v in values):
        _only_for("a table in a file", root=root)
    inline = MODALITIES[kind].inline
    if inline:
        warn_of_files(values)
    for index, value in enumerate(values):
        if lines and inline and isinstance(value, os.PathLike) and not is_table(Path(value)):
            items += line_items(_file_of_lines(_existing(value)), notes)
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
            _existing(path),
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
        _existing(source),
        kind=kind.name,
        columns=columns,
        header=header,
        notes=notes,
        ignored=ignored,
        root=root,
        lines=lines,
    )
    return Dataset(items, kind=kind, source=str(source), ignored=dict(ignored), hints=tuple(notes))


def _by_folder(groups: object) -> bool:
    if groups is None or groups == "folder":
        return groups is not None
    if isinstance(groups, str):
        raise ParameterError(
            f"groups is {groups!r}, which is not known.",
            remedy="Of a folder, write --groups folder (groups='folder'): each subfolder of a "
            "class is kept together.",
        )
    _only_for("a list of items", groups=groups)
    return False


def _file_of_lines(path: Path) -> Path:
    if path.is_file() and (path.suffix.lower() in TEXT_EXTENSIONS or not is_table(path)):
        return path
    raise ParameterError(
        f"{path} is no file with a text per line.",
        remedy="Give such a file as DATA, such as train_text.txt, or leave --lines, --labels and "
        "--names out.",
    )


def _read_folder(reader: Callable[..., Dataset], items: str, path: Path, split: Split) -> Dataset:
    """A folder of what is asked for, or of the first modality of which there are items."""
    first, *others = tuple(MODALITIES) if items == "auto" else (items,)
    if MODALITIES[first].inline:
        return reader(kind=first)
    try:
        data = reader(kind=first)
        if data.n_classes == 1:
            refuse_described(path, split)
        return data
    except DataError as error:
        refuse_described(path, split)
        if not others or error.code != NO_ITEMS:
            raise
        for other in others:
            with suppress(DataError):
                return reader(kind=other)
        raise in_two_files(path, path) or error from None


def _pair(source: object, labels: object) -> tuple[object, object]:
    """Take a tuple of items and labels apart; two paths are not one."""
    if labels is not None or not isinstance(source, tuple) or len(source) != 2 or is_one(source[1]):
        return source, labels
    return source[0], source[1]


def _only_for_folders(layout: Layout, exclude: Sequence[str]) -> None:
    _only_for(
        "a folder", layout=None if layout == "auto" else layout, exclude=list(exclude) or None
    )


def _only_for(what: str, **parameters: object) -> None:
    for name, value in parameters.items():
        if value is not None:
            raise ParameterError(
                f"{name} goes with {what}, which the data are not.", remedy=f"Leave {name} out."
            )


def _existing(source: str | os.PathLike[str]) -> Path:
    path = Path(source)
    try:
        path.stat()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        close = meant(path) if isinstance(error, FileNotFoundError) else ""
        raise DataError(
            f"{path} cannot be opened: {why}.{f' Did you mean {close}?' if close else ''}",
            remedy="Check the spelling; relative paths start from the current folder.",
        ) from error
    return path
