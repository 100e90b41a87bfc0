"""Pascal VOC files: one XML file per image."""

from __future__ import annotations

from pathlib import Path

from topwork.data.boxes.annotations import Annotations, number, shown
from topwork.data.boxes.box_folder import BoxFolder, folder_of
from topwork.data.boxes.safe_xml import MAX_BYTES, Element, parse_xml
from topwork.data.files import read_file
from topwork.errors import BadItem

_CORNERS = ("xmin", "ymin", "xmax", "ymax")


def read_voc(folder: BoxFolder) -> Annotations:
    """Read every XML file that describes an image, wherever it lies.

    It belongs to the image that is called like it, or else to the one that it names. Of several
    files for one image the first counts. Coordinates are taken as they are written; VOC's own begin
    with 1.
    """
    annotations = Annotations("Pascal VOC")
    for path in folder.files(".xml"):
        try:
            top = parse_xml(read_file(Path(path), most=MAX_BYTES))
        except (ValueError, BadItem) as error:
            annotations.report(path, "bad_file", str(error)[:200], part=folder.part(path))
            continue
        if top.name == "annotation":
            _read_image(path, top, folder, annotations)
    return annotations


def _read_image(path: str, top: Element, folder: BoxFolder, annotations: Annotations) -> None:
    named = top.value("filename")
    relative = folder.relative(path)
    found = folder.index.with_stem(path, Path(named.replace("\\", "/")).suffix)
    if found is None and named:
        found = folder.index.named(named, folder_of(relative))
        parts = {folder.part(found), folder.part(path)} if found is not None else set()
        found = None if {"train", "test"} <= parts else found
    if found is None:
        annotations.report(
            named or path, "missing_image", f"named in {path}", part=folder.part(path)
        )
        return
    if found in annotations.images:
        annotations.counts["second_file"] += 1
        return
    image = annotations.of(found)
    size = top.first("size")
    if size is not None:
        width, height = number(size.value("width")), number(size.value("height"))
        image.size = (width, height) if width > 0 and height > 0 else None
    for entry in top.all("object"):
        box = entry.first("bndbox") or Element("bndbox")
        written = tuple(box.value(name) for name in _CORNERS)
        x1, y1, x2, y2 = (number(value) for value in written)
        if any(value != value for value in (x1, y1, x2, y2)):  # noqa: PLR0124 (NaN)
            image.reject("not_a_number", f"bndbox {shown(written)}")
        else:
            difficult = number(entry.value("difficult")) == 1
            image.add(entry.value("name"), (x1, y1, x2, y2), ignored=difficult)
