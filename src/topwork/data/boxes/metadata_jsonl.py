"""Folders of images as data sets on hubs are laid out: ``metadata.jsonl`` with ``objects``."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from topwork.data.boxes.annotations import AnnotatedImage, Annotations, Corners, number, shown
from topwork.data.boxes.box_folder import BoxFolder, folder_of
from topwork.data.files import read_file
from topwork.data.folders.boxes import HUB, is_annotation
from topwork.data.images.stored_size import stored_size
from topwork.errors import BadItem

_OBJECTS: Final = "objects"
_BOXES: Final = ("bbox", "bboxes", "boxes")
_CLASSES: Final = ("categories", "category", "label", "labels", "class", "name", "category_id")
"""What fields of objects may be called; of classes, one that holds names goes before numbers."""

_MAX_BYTES: Final = 1_000_000_000
_SLACK, _SLACK_OF_FRACTIONS = 1.0, 0.01
"""Beyond the edge of an image, what comes from rounding: in pixels, and of its sides."""


def read_metadata(folder: BoxFolder) -> Annotations:
    """Read every ``metadata.jsonl`` of a folder; its images lie beside it or below."""
    annotations = Annotations(HUB)
    for path in folder.files(".jsonl"):
        if is_annotation(Path(path)) != HUB:
            continue
        try:
            lines = read_file(Path(path), most=_MAX_BYTES).decode("utf-8-sig").split("\n")
        except (BadItem, UnicodeDecodeError) as error:
            annotations.report(path, "bad_file", str(error)[:200], part=folder.part(path))
            continue
        for n, line in enumerate(lines, start=1):
            if line.strip():
                _read_line(line, f"{path}:{n}", path, folder, annotations)
    images = list(annotations.images.values())
    _to_corners(images, annotations)
    if any(image.labels for image in images) and all(
        label.isdecimal() for image in images for label in image.labels
    ):
        annotations.notes.append("Classes are numbers there, and are called by them.")
    return annotations


def _read_line(
    line: str, place: str, path: str, folder: BoxFolder, annotations: Annotations
) -> None:
    part = folder.part(path)
    try:
        entry = json.loads(line, parse_int=float)
    except (ValueError, RecursionError) as error:
        annotations.report(place, "bad_line", str(error)[:200], part=part)
        return
    name = entry.get("file_name") if isinstance(entry, dict) else None
    if not isinstance(name, str) or not name.strip():
        annotations.report(place, "bad_entry", "it names no image", part=part)
        return
    found = folder.index.named(name, folder_of(folder.relative(path)))
    if found is None:
        annotations.report(name, "missing_image", f"named in {place}", part=part)
        return
    if entry.get(_OBJECTS) is None:
        return  # nobody has looked for objects
    pairs = _pairs(entry[_OBJECTS])
    if pairs is None:
        what = f"not every object has a box and a label: {shown(entry[_OBJECTS])}"
        annotations.report(place, "bad_entry", what, part=part)
        return
    image = annotations.of(found)
    for box, label in pairs:
        _take(image, box, label)


def _pairs(objects: object) -> list[tuple[Any, Any]] | None:
    """Box and class of each object; None where the image must not be taken to show none."""
    if isinstance(objects, list):
        fields = [one if isinstance(one, Mapping) else {} for one in objects]
        return [(next(_held(one, _BOXES), None), _class(one)) for one in fields]
    if not isinstance(objects, Mapping):
        return None
    boxes = next(_held(objects, _BOXES), None)
    if not isinstance(boxes, list):
        return None
    lists = [one for one in _held(objects, _CLASSES) if isinstance(one, list)]
    named = [one for one in lists if any(isinstance(label, str) for label in one)]
    labels = next(iter([*named, *lists]), [None] * len(boxes))
    return None if len(labels) != len(boxes) else list(zip(boxes, labels, strict=True))


def _class(fields: Mapping[str, Any]) -> Any:
    found = list(_held(fields, _CLASSES))
    return next((label for label in found if isinstance(label, str)), next(iter(found), None))


def _held(fields: Mapping[str, Any], names: Sequence[str]) -> Iterator[Any]:
    return (fields[name] for name in names if fields.get(name) is not None)


def _take(image: AnnotatedImage, box: object, label: object) -> None:
    """Take an object; its four numbers are as they are written until all images are read."""
    values = [number(value) for value in box] if isinstance(box, list) else []
    if len(values) != 4 or not all(math.isfinite(value) for value in values):
        image.reject("not_a_number", f"bbox {shown(box)}")
        return
    x, y, width, height = values
    image.add(_name(label), (x, y, width, height))


def _name(label: object) -> str:
    """The class; empty for what is none."""
    if isinstance(label, float):
        return str(int(label)) if label.is_integer() else str(label)
    return label if isinstance(label, str) else ""


def _to_corners(images: Sequence[AnnotatedImage], annotations: Annotations) -> None:
    """Make corners of the four numbers, whichever of two ways they are written in.

    They are x, y, width and height as hubs advise, or two corners where fewer of those lie outside
    of their images or have no area. Where all are from 0 to 1 they are fractions.
    """
    values = [v for image in images for corners in image.corners for v in corners]
    low, high = -_SLACK_OF_FRACTIONS, 1 + _SLACK_OF_FRACTIONS
    fractions = all(low <= v <= high for v in values) and any(0 < v < 1 for v in values)
    as_sizes, as_corners = _misfits(images, fractions=fractions)
    written = as_corners < as_sizes
    for image in images:
        image.fractions = fractions
        numbers, labels, ignored = image.corners, image.labels, image.ignored
        image.corners, image.labels, image.ignored = [], [], []
        for (x, y, a, b), label, crowd in zip(numbers, labels, ignored, strict=True):
            if not written and (a < 0 or b < 0):
                image.reject("negative_size", f"bbox {shown([x, y, a, b])}")
                continue
            corners: Corners = (x, y, a, b) if written else (x, y, x + a, y + b)
            image.add(label, corners, ignored=crowd)
    if as_sizes:
        read = "two corners" if written else "x, y, width and height"
        annotations.notes.append(
            f"The four numbers of boxes were read as {read}: {as_corners} of {len(values) // 4} "
            f"don't fit their image as two corners, {as_sizes} as x, y, width and height."
        )
    if fractions:
        annotations.notes.append("All of these numbers are from 0 to 1: fractions of the image.")


def _misfits(images: Sequence[AnnotatedImage], *, fractions: bool) -> tuple[int, int]:
    """Boxes that can't be right if written as sizes, and if written as corners."""
    as_sizes = as_corners = 0
    slack = _SLACK_OF_FRACTIONS if fractions else _SLACK
    for image in images:
        size = (1.0, 1.0) if fractions else _sides(image) if image.corners else None
        if size is None:
            continue
        width, height = size[0] + slack, size[1] + slack
        for x, y, a, b in image.corners:
            as_sizes += x + a > width or y + b > height or a <= 0 or b <= 0
            as_corners += a <= x or b <= y or a > width or b > height
    return as_sizes, as_corners


def _sides(image: AnnotatedImage) -> tuple[float, float] | None:
    """Width and height as the image is shown; None where its header can't be read."""
    try:
        return stored_size(Path(image.path)).upright
    except BadItem:
        return None
