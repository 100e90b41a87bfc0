"""CVAT's own XML files (CVAT for images): one file for many images."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from topwork.data.boxes.annotations import Annotations, Corners, number, shown
from topwork.data.boxes.box_folder import BoxFolder, folder_of
from topwork.data.boxes.safe_xml import Element, parse_xml
from topwork.data.files import read_file
from topwork.data.folders.boxes import CVAT, is_annotation
from topwork.data.folders.splits import loose_part_of, part_of
from topwork.errors import BadItem

_MAX_BYTES: Final = 64_000_000
"""Of a file, which may be about thousands of images."""

_SIDES: Final = ("xtl", "ytl", "xbr", "ybr")
_OF_POINTS: Final = ("polygon", "polyline", "points")
_NO_BOXES: Final = ("tag", "mask", "skeleton", "cuboid")


def read_cvat(folder: BoxFolder) -> Annotations:
    """Read every CVAT file of a folder; of an image in several files all boxes count.

    Polygons and ellipses become the boxes around them; ``subset`` says the split.
    """
    annotations = Annotations(CVAT)
    for path in folder.files(".xml"):
        if is_annotation(Path(path)) != CVAT:
            continue
        try:
            top = parse_xml(read_file(Path(path), most=_MAX_BYTES), most=_MAX_BYTES)
        except (ValueError, BadItem) as error:
            annotations.report(path, "bad_file", str(error)[:200], part=folder.part(path))
            continue
        for entry in top.all("image"):
            _read_image(path, entry, folder, annotations)
    return annotations


def _read_image(path: str, entry: Element, folder: BoxFolder, annotations: Annotations) -> None:
    told = entry.attributes
    subset = told.get("subset", "")
    part = part_of(subset) or loose_part_of(subset) or folder.part(path)
    name = told.get("name", "").strip()
    if not name:
        annotations.report(path, "bad_entry", f"image {shown(told.get('id', ''))}", part=part)
        return
    found = folder.index.named(name, folder_of(folder.relative(path)))
    if found is None:
        annotations.report(name, "missing_image", f"named in {path}", part=part)
        return
    image = annotations.of(found)
    image.part = "test" if image.part == "test" else part or image.part
    width, height = number(told.get("width")), number(told.get("height"))
    image.size = image.size or ((width, height) if width > 0 and height > 0 else None)
    for shape in entry.children:
        corners = _corners(shape)
        if shape.name in _NO_BOXES:
            annotations.counts["no_box"] += 1
        elif corners is None:
            image.reject("not_a_number", f"{shape.name} {shown(list(shape.attributes.values()))}")
        else:
            image.add(shape.attributes.get("label", "").strip(), corners)


def _corners(shape: Element) -> Corners | None:
    """The box of a shape, or the one around it; None where it is no numbers.

    ``rotation`` turns a box or an ellipse about its middle, in degrees.

    Examples
    --------
    >>> turned = {"xtl": "0", "ytl": "4", "xbr": "20", "ybr": "16", "rotation": "90.00"}
    >>> _corners(Element("box", attributes=turned))
    (4.0, 0.0, 16.0, 20.0)
    >>> _corners(Element("polygon", attributes={"points": "1,2;5,3;4,9"}))
    (1.0, 2.0, 5.0, 9.0)
    """
    told = shape.attributes
    if shape.name == "ellipse":
        x, y, rx, ry = (number(told.get(name)) for name in ("cx", "cy", "rx", "ry"))
        across, along = _turns(told)
        wide, high = math.hypot(rx * across, ry * along), math.hypot(rx * along, ry * across)
        values = [x - wide, y - high, x + wide, y + high]
    elif shape.name in _OF_POINTS:
        points = [pair.split(",") for pair in told.get("points", "").split(";")]
        if not all(len(point) == 2 for point in points):
            return None
        xs, ys = ([number(point[axis]) for point in points] for axis in (0, 1))
        values = [min(xs), min(ys), max(xs), max(ys)]
    else:
        x1, y1, x2, y2 = (number(told.get(name)) for name in _SIDES)
        across, along = _turns(told)
        if along:
            x, y, rx, ry = (x1 + x2) / 2, (y1 + y2) / 2, abs(x2 - x1) / 2, abs(y2 - y1) / 2
            wide, high = rx * across + ry * along, rx * along + ry * across
            x1, y1, x2, y2 = x - wide, y - high, x + wide, y + high
        values = [x1, y1, x2, y2]
    if not all(math.isfinite(value) for value in values):
        return None
    x1, y1, x2, y2 = values
    return x1, y1, x2, y2


def _turns(told: Mapping[str, str]) -> tuple[float, float]:
    """Cosine and sine of a rotation, without their signs; 1 and 0 where there is none."""
    angle = math.radians(number(told.get("rotation", "0")))
    if not math.isfinite(angle):
        return math.nan, math.nan
    return abs(round(math.cos(angle), 12)), abs(round(math.sin(angle), 12))
