"""The way in: boxes out of a folder or a file of any format that is read."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from topwork.data.boxes.annotations import Annotations
from topwork.data.boxes.assembled import BoxSource, dataset_of
from topwork.data.boxes.box_folder import BoxFolder, folder_of
from topwork.data.boxes.coco import read_coco, read_coco_files
from topwork.data.boxes.cvat import read_cvat
from topwork.data.boxes.labelme import read_labelme
from topwork.data.boxes.metadata_jsonl import read_metadata
from topwork.data.boxes.parts import parts_of
from topwork.data.boxes.table import read_box_frame, read_box_table
from topwork.data.boxes.voc import read_voc
from topwork.data.boxes.yolo import read_yolo
from topwork.data.dataset import Dataset
from topwork.data.files import read_head
from topwork.data.folders.boxes import (
    COCO,
    CVAT,
    HUB,
    LABELME,
    MASK_NAMES,
    TABLE,
    VOC,
    YOLO,
    find_boxes,
    is_annotation,
)
from topwork.data.folders.excluded import ExcludedNames
from topwork.data.folders.scan import root_entry
from topwork.data.folders.splits import Split, loose_part_of, part_of
from topwork.data.tables.box_columns import corner_columns, names_in_line
from topwork.data.tables.table_file import TableFile
from topwork.data.tables.table_files import WRITTEN_EXTENSIONS, is_table, open_table
from topwork.errors import BadItem, DataError, ParameterError

_OF_ONE_IMAGE: Final = {VOC: ".xml", YOLO: ".txt", LABELME: ".json"}

_HEAD: Final = 4096
_KEY: Final = re.compile(r'"([^"]{1,40})"\s*:')
"""The names of fields in JSON, of which the first bytes of a table hold all."""


def read_box_folder(
    source: str | Path,
    *,
    split: Split = "train",
    exclude: Sequence[str] = (),
    folders_are_groups: bool = False,
) -> Dataset:
    """Read images whose objects are annotated in COCO, Pascal VOC, YOLO, labelme or CVAT files,
    in ``metadata.jsonl`` or in a table.

    The files may lie beside the images or apart from them, the splits in folders or in lists;
    nothing but the headers of the images is read.

    Parameters
    ----------
    split
        As of `topwork.data.read`.
    exclude
        Names of folders and files that are not to be read, at any level.
    folders_are_groups
        Whether images that lie in one folder must not be split.

    Raises
    ------
    topwork.errors.DataError
        If there are none, or no image of them.
    """
    excluded = ExcludedNames(exclude)
    found = find_boxes(root_entry(source), None, excluded)
    folder = BoxFolder.below(source, excluded)
    annotations = _READERS[found.form if found else TABLE](folder)
    if found is None and not annotations.images:
        raise DataError(
            f"{source} holds no boxes of objects in images.",
            remedy="Give images with COCO, Pascal VOC or YOLO files, or a table with the columns "
            "path, x1, y1, x2, y2 and label.",
        )
    bare = [path for path in folder.images if path not in annotations.images]
    if folders_are_groups:
        for image in annotations.images.values():
            image.group = folder_of(image.path) or "."
    data = dataset_of(
        annotations,
        BoxSource(
            name=str(source),
            parts=parts_of(annotations, folder),
            unlabelled={path: folder.part(path) for path in bare},
            ignored=folder.ignored,
        ),
        split=split,
    )
    return replace(data, hints=(*data.hints, *excluded.notes([])))


def holds_boxes(path: Path, header: Sequence[str] | None = None) -> bool:
    """Whether a file describes boxes of objects in images; spreadsheets are not looked into."""
    if not path.is_file():
        return False
    if is_annotation(path):
        return True
    looked_into = path.suffix.lower() in (*WRITTEN_EXTENSIONS, ".parquet")
    return looked_into and corner_columns(header or _columns(path)) is not None


def _columns(path: Path) -> Sequence[str]:
    """What the columns of a table are called, as far as its first bytes tell."""
    if path.suffix.lower() not in WRITTEN_EXTENSIONS:
        try:
            return open_table(path, None)[0].names
        except DataError:
            return ()
    try:
        head = read_head(path, _HEAD).decode("latin-1")
    except BadItem:
        return ()
    return [*names_in_line(head.partition("\n")[0]), *_KEY.findall(head)]


def read_box_file(
    path: Path,
    *,
    split: Split = "train",
    columns: Mapping[str, str] | None = None,
    header: Sequence[str] | None = None,
    root: Path | None = None,
) -> Dataset:
    """Read a table, a COCO file, or the folder that a ``data.yaml`` describes.

    Raises
    ------
    topwork.errors.DataError
        If it can't be read, is about one image only, or no image is there.
    topwork.errors.ParameterError
        If a parameter does not go with it.
    """
    form = is_annotation(path)
    if is_table(path) and form in ("", TABLE):
        found = read_box_table(path, columns=columns, header=header, root=root)
        parts = {place: image.part for place, image in found.images.items() if image.part}
        return dataset_of(found, BoxSource(str(path), parts, {}, {}), split=split)
    if columns or header is not None:
        labels = "; --task classes reads a column of labels." if form == HUB else "."
        raise ParameterError(
            f"columns and header don't go with boxes in {path} ({form or path.suffix}).",
            remedy=f"Leave them out{labels}",
        )
    if form == COCO:
        return _coco_file(path, root, split)
    if form in (CVAT, HUB) or path.suffix.lower() in (".yaml", ".yml"):
        return read_box_folder(path.parent, split=split)
    raise DataError(
        f"{path} holds boxes ({form}) of one image only.",
        remedy=f"Give the folder with the images and their {_OF_ONE_IMAGE[form]} files.",
    )


def read_boxes_in_memory(
    file: TableFile, *, split: Split = "train", columns: Mapping[str, str] | None = None
) -> Dataset:
    """Read a data frame with a row per box.

    Raises
    ------
    topwork.errors.DataError
        If it lacks a column, or no image is there.
    """
    found = read_box_frame(file, columns=columns)
    parts = {place: image.part for place, image in found.images.items() if image.part}
    return dataset_of(found, BoxSource("memory", parts, {}, {}), split=split)


def _coco_file(path: Path, root: Path | None, split: Split) -> Dataset:
    folder = _around(path, root)
    annotations = read_coco_files([str(path)], folder, splits=False)
    homes = {folder_of(place) for place in annotations.images}
    bare = [p for p in folder.images if p not in annotations.images and folder_of(p) in homes]
    unlabelled = dict.fromkeys(bare, "")
    return dataset_of(annotations, BoxSource(str(path), {}, unlabelled, {}), split=split)


def _around(path: Path, root: Path | None) -> BoxFolder:
    """Where the images of a file are looked for: beside it, or beside its folder."""
    if root is not None:
        if not root.is_dir():
            raise ParameterError(
                f"root is {root}, which is no folder.",
                remedy="Give the folder that the names of the images start from.",
            )
        return BoxFolder.below(root)
    folder = BoxFolder.below(path.parent)
    name = path.parent.resolve().name
    if folder.images or not (MASK_NAMES.fullmatch(name) or part_of(name)):
        return folder
    return BoxFolder.below(os.path.pardir if str(path.parent) == "." else path.parent.parent)


def _tables(folder: BoxFolder) -> Annotations:
    """Every table of boxes in a folder; its name or its folders say the split of its images."""
    found = Annotations("tables of boxes")
    for path in folder.files(".csv", ".tsv"):
        if not holds_boxes(Path(path)):
            continue
        before = set(found.images)
        read_box_table(Path(path), annotations=found)
        part = loose_part_of(Path(path).stem) or folder.part(path)
        for place in set(found.images) - before:
            found.images[place].part = found.images[place].part or part
    return found


_READERS: Final[Mapping[str, Callable[[BoxFolder], Annotations]]] = {
    COCO: read_coco,
    VOC: read_voc,
    YOLO: read_yolo,
    LABELME: read_labelme,
    CVAT: read_cvat,
    HUB: read_metadata,
    TABLE: _tables,
}
"""What reads a folder of each format."""
