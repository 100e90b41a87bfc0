"""The way in: datasets and items out of whatever the user has."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from topwork.data.boxes.reading import (
    holds_boxes,
    read_box_file,
    read_box_folder,
    read_boxes_in_memory,
)
from topwork.data.dataset import Dataset
from topwork.data.folders.boxes import BOXES
from topwork.data.folders.class_folders import NO_ITEMS, read_folder
from topwork.data.folders.folder_tables import tables_in
from topwork.data.folders.splits import Split, check_split, requested_parts
from topwork.data.modality import MODALITIES, check_items, columns_of
from topwork.data.reading.frames import frame_of, read_frame
from topwork.data.reading.given import existing, file_of_lines, only_for
from topwork.data.reading.hub_folders import refuse_described
from topwork.data.reading.line_file import read_line_file
from topwork.data.reading.medical.patients import with_patients
from topwork.data.reading.memory import is_one, read_memory
from topwork.data.reading.no_dataset import in_two_files, not_data, refuse_annotation
from topwork.data.reading.tabular import read_tabular
from topwork.data.tables.box_columns import corner_columns
from topwork.data.tables.table_file import PATH
from topwork.data.tables.table_files import is_table
from topwork.errors import DataError, ParameterError
from topwork.settings.choices import AskedTask, Layout


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
    task: AskedTask = "auto",
) -> Dataset:
    """Read labelled data. Of images at most the header is read.

    Images in DICOM and NIfTI of one patient are a group; each frame of a DICOM file is an item.

    Parameters
    ----------
    source
        A folder with one folder per class; a CSV, TSV, Parquet, JSON, JSONL or Excel file; a data
        frame with such columns; a list of n paths, PIL images, arrays or texts; or a tuple of such
        a list and its labels. With boxes of objects: a folder of images with COCO, Pascal VOC or
        YOLO files, a COCO file, or a table with the columns path, x1, y1, x2, y2 and label.
    labels
        The n labels of a list, or n lists of labels, or a matrix (n, L) of 0 and 1; of a file with
        a text per line, the file with their labels.
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
        subfolder of a class belongs together, and so do images with boxes that lie in one folder.
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
    task
        ``boxes`` insists on boxes of objects, ``labels`` on several labels per item; ``classes``
        and ``number`` never read any of both; ``auto`` reads boxes where images come with some and
        their folders are no classes, and several labels where cells, lists or columns of 0 and 1
        surely hold them.

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
    data = _read(
        source,
        labels,
        split=split,
        columns=columns,
        header=header,
        layout=layout,
        groups=groups,
        domains=domains,
        items=items,
        skip_unlabelled=skip_unlabelled,
        exclude=exclude,
        root=root,
        lines=lines,
        names=names,
        task=task,
    )
    return with_patients(data)


def _read(  # noqa: PLR0911 (one for each form of data)
    source: object,
    labels: object,
    *,
    split: Split,
    columns: Mapping[str, str] | None,
    header: Sequence[str] | None,
    layout: Layout,
    groups: object,
    domains: object,
    items: str,
    skip_unlabelled: bool,
    exclude: Sequence[str],
    root: str | os.PathLike[str] | None,
    lines: bool,
    names: str | os.PathLike[str] | None,
    task: AskedTask,
) -> Dataset:
    check_split(split)
    check_items(items)
    if not isinstance(source, (str, os.PathLike)):
        _only_for_folders(layout, exclude)
        inputs, given = _pair(source, labels)
        file = frame_of(inputs)
        only_for("a table", columns=(columns or None) if file is None else None)
        only_for("a table in a file", header=header, root=root)
        asked = task == "boxes" or (task == "auto" and labels is None)
        if file is not None and asked and corner_columns(file.names):
            return read_boxes_in_memory(file, split=split, columns=columns)
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
                task=task,
            )
        requested_parts(split, (), source="A list")
        return read_memory(inputs, given, groups=groups, domains=domains, items=items, task=task)
    path = existing(source)
    if lines or isinstance(labels, (str, os.PathLike)):
        only_for("a table", columns=columns or None, header=header, root=root)
        only_for("a list of items", groups=groups, domains=domains)
        _only_for_folders(layout, exclude)
        if labels is None:
            only_for("a file of labels", names=names)
        elif not isinstance(labels, (str, os.PathLike)):
            only_for("a list of items", labels=labels)
        requested_parts(split, (), source=str(path))
        of_lines = None if labels is None else existing(labels)  # type: ignore[arg-type]
        called = None if names is None else existing(names)
        return read_line_file(
            file_of_lines(path), of_lines, called, skip_unlabelled=skip_unlabelled
        )
    only_for("a list of items", labels=labels, domains=domains)
    only_for("a file of labels", names=names)
    if path.is_dir():
        _not_for_folders(path, columns=columns or None, header=header, root=root)
        boxes = partial(
            read_box_folder,
            path,
            split=split,
            exclude=exclude,
            folders_are_groups=_by_folder(groups),
        )
        if task == "boxes":
            only_for("classes", layout=None if layout == "auto" else layout)
        reader = partial(
            read_folder,
            path,
            split=split,
            layout=layout,
            subfolders_are_groups=_by_folder(groups),
            exclude=exclude,
        )
        beside = boxes if task == "auto" else None
        return (
            boxes() if task == "boxes" else _read_folder(reader, items, path, split, boxes=beside)
        )
    only_for("a list of items", groups=groups)
    _only_for_folders(layout, exclude)
    wanted = task == "boxes" or (task == "auto" and PATH in columns_of(items))
    if wanted and (task == "boxes" or holds_boxes(path, header)):
        start = None if root is None else Path(root)
        return read_box_file(path, split=split, columns=columns, header=header, root=start)
    refuse_annotation(path)
    if not (is_table(path) and path.is_file()):
        raise not_data(path)
    return read_tabular(
        path,
        split=split,
        columns=columns,
        header=header,
        contents=columns_of(items),
        skip_unlabelled=skip_unlabelled,
        root=None if root is None else Path(root),
        task=task,
    )


def _not_for_folders(path: Path, **parameters: object) -> None:
    """Refuse what goes with tables only, and name the table that is in the folder."""
    try:
        only_for("a table", **parameters)
    except ParameterError as error:
        tables = tables_in(path)
        if not tables:
            raise
        raise ParameterError(
            error.message,
            remedy=f"Give the table itself, {tables[0]!r}.",
            instead=(str(path), tables[0]),
        ) from None


def _by_folder(groups: object) -> bool:
    if groups is None or groups == "folder":
        return groups is not None
    if isinstance(groups, str):
        raise ParameterError(
            f"groups is {groups!r}, which is not known.",
            remedy="Of a folder, write --groups folder (groups='folder'): each subfolder of a "
            "class is kept together.",
        )
    only_for("a list of items", groups=groups)
    return False


def _read_folder(
    reader: Callable[..., Dataset],
    items: str,
    path: Path,
    split: Split,
    *,
    boxes: Callable[[], Dataset] | None,
) -> Dataset:
    """A folder of what is asked for, or of the first modality of which there are items.

    Parameters
    ----------
    boxes
        Reads the boxes of images that come with some; None where they are not to be read.
    """
    first, *others = tuple(MODALITIES) if items == "auto" else (items,)
    if MODALITIES[first].inline:
        return reader(kind=first)
    try:
        data = reader(kind=first)
        if data.n_classes == 1:
            refuse_described(path, split)
        return data
    except DataError as error:
        if error.code == BOXES and boxes is not None:
            return boxes()
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
    only_for("a folder", layout=None if layout == "auto" else layout, exclude=list(exclude) or None)
