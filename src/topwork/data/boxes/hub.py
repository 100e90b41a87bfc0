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

OBJECTS: Final = "objects"
BOXES: Final = ("bbox", "bboxes", "boxes")
CLASSES: Final = ("categories", "category", "label", "labels", "class", "category_id", "name")
"""What fields of objects may be called; the first that is there counts."""

_MAX_BYTES: Final = 1_000_000_000
_SLACK: Final = 1.0
"""Pixels beyond the edge of an image that come from rounding."""


def read_hub(folder: BoxFolder) -> Annotations:
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
    in_corners(list(annotations.images.values()), annotations, _sides)
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
    if entry.get(OBJECTS) is not None:  # else nobody has looked for objects
        take_objects(annotations.of(found), entry[OBJECTS])


def take_objects(image: AnnotatedImage, objects: object, names: Sequence[str] = ()) -> None:
    """Take the objects of an image; corners are x, y, width and height until `in_corners`.

    Parameters
    ----------
    objects
        Fields with a list each, or a list with a mapping for each object.
    names
        What classes that are written as numbers are called.
    """
    for box, label in _pairs(objects):
        values = [number(value) for value in box] if isinstance(box, list | tuple) else []
        if len(values) != 4 or not all(math.isfinite(value) for value in values):
            image.reject("not_a_number", f"bbox {shown(box)}")
            continue
        x, y, width, height = values
        image.add(_named(label, names), (x, y, width, height))


def _pairs(objects: object) -> Iterator[tuple[Any, Any]]:
    """Box and class of each object."""
    if isinstance(objects, Mapping):
        boxes, labels = _first(objects, BOXES) or [], _first(objects, CLASSES) or []
        for i, box in enumerate(boxes if isinstance(boxes, list | tuple) else ()):
            yield box, labels[i] if isinstance(labels, list | tuple) and i < len(labels) else None
    elif isinstance(objects, list | tuple):
        for one in objects:
            fields = one if isinstance(one, Mapping) else {}
            yield _first(fields, BOXES), _first(fields, CLASSES)


def _first(fields: Mapping[str, Any], names: Sequence[str]) -> Any:
    return next((fields[name] for name in names if fields.get(name) is not None), None)


def _named(label: object, names: Sequence[str]) -> str:
    if isinstance(label, bool) or label is None:
        return "" if label is None else str(label)
    if isinstance(label, int | float) and float(label).is_integer():
        code = int(label)
        return names[code] if 0 <= code < len(names) else str(code)
    return str(label)


def in_corners(images: Sequence[AnnotatedImage], annotations: Annotations, sides: Any) -> None:
    """Make corners of what is written, whichever of two ways it is written in.

    Four numbers are x, y, width and height as hubs advise, or two corners where only that fits into
    the images. Where all lie from 0 to 1 they are fractions.

    Parameters
    ----------
    sides
        Gives width and height of an image, as it is shown; None where they can't be told.
    """
    values = [v for image in images for corners in image.corners for v in corners]
    fractions = bool(values) and all(0 <= v <= 1 for v in values) and any(0 < v < 1 for v in values)
    as_sizes, as_corners = _misfits(images, sides, fractions=fractions)
    written = as_sizes > 0 and as_corners == 0
    for image in images:
        image.fractions = fractions
        found: list[Corners] = [
            (x, y, a, b) if written else (x, y, x + a, y + b) for x, y, a, b in image.corners
        ]
        negative = [not written and (a < 0 or b < 0) for _, _, a, b in image.corners]
        for corners, wrong in zip(found, negative, strict=True):
            if wrong:
                image.reject("negative_size", f"bbox {shown(corners)}")
        kept = [i for i, wrong in enumerate(negative) if not wrong]
        image.labels = [image.labels[i] for i in kept]
        image.ignored = [image.ignored[i] for i in kept]
        image.corners = [found[i] for i in kept]
    if written:
        annotations.notes.append(
            f"The four numbers of boxes were read as two corners: {as_sizes} of them would lie "
            "outside of their image as x, y, width and height."
        )


def _misfits(images: Sequence[AnnotatedImage], sides: Any, *, fractions: bool) -> tuple[int, int]:
    """Boxes that don't lie in their image, if written as sizes, and if written as corners."""
    as_sizes = as_corners = 0
    for image in images:
        size = (1.0, 1.0) if fractions else sides(image) if image.corners else None
        if size is None:
            continue
        slack = 0.01 if fractions else _SLACK
        width, height = size[0] + slack, size[1] + slack
        for x, y, a, b in image.corners:
            as_sizes += x + a > width or y + b > height
            as_corners += a <= x or b <= y or a > width or b > height
    return as_sizes, as_corners


def _sides(image: AnnotatedImage) -> tuple[float, float] | None:
    try:
        return stored_size(Path(image.path)).upright
    except BadItem:
        return None
