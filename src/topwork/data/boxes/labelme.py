"""labelme files: one JSON file per image, with shapes of points."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from topwork.data.boxes.annotations import Annotations, Corners, number, shown
from topwork.data.boxes.box_folder import BoxFolder, folder_of
from topwork.data.files import read_file
from topwork.data.folders.boxes import LABELME, is_annotation
from topwork.errors import BadItem

_MAX_BYTES: Final = 200_000_000
"""Of a file, which may hold its image, too."""


def read_labelme(folder: BoxFolder) -> Annotations:
    """Read every labelme file; a shape other than a rectangle becomes the box around it.

    A file belongs to the image that is called like it, or else to the one that it names. Of several
    files for one image the first counts.
    """
    annotations = Annotations(LABELME)
    for path in folder.files(".json"):
        if is_annotation(Path(path)) != LABELME:
            continue
        try:
            whole = json.loads(read_file(Path(path), most=_MAX_BYTES), parse_int=float)
            if not isinstance(whole, dict) or not isinstance(whole.get("shapes"), list):
                raise ValueError("it is not one object with shapes")
        except (ValueError, RecursionError, BadItem) as error:
            annotations.report(path, "bad_file", str(error)[:200], part=folder.part(path))
            continue
        _read_image(path, whole, folder, annotations)
    return annotations


def _read_image(
    path: str, whole: Mapping[str, Any], folder: BoxFolder, annotations: Annotations
) -> None:
    written = whole.get("imagePath")
    named = written if isinstance(written, str) else ""
    found = folder.index.with_stem(path, Path(named.replace("\\", "/")).suffix)
    if found is None and named:
        found = folder.index.named(named, folder_of(folder.relative(path)))
    if found is None:
        annotations.report(
            named or path, "missing_image", f"named in {path}", part=folder.part(path)
        )
        return
    if found in annotations.images:
        annotations.counts["second_file"] += 1
        return
    image = annotations.of(found)
    width, height = number(whole.get("imageWidth")), number(whole.get("imageHeight"))
    image.size = (width, height) if width > 0 and height > 0 else None
    for shape in whole["shapes"]:
        label = _label(shape.get("label")) if isinstance(shape, dict) else ""
        corners = _corners(shape) if isinstance(shape, dict) else None
        if corners is None:
            image.reject("not_a_number", f"shape {shown(shape)}")
        else:
            image.add(label, corners)


def _label(written: object) -> str:
    """The class as it is written; a whole number without a point.

    Examples
    --------
    >>> _label("3.0"), _label(3.0), _label(2.5), _label(None)
    ('3.0', '3', '2.5', '')
    """
    if isinstance(written, float) and written.is_integer():
        return str(int(written))
    return "" if written is None else str(written)


def _corners(shape: Mapping[str, Any]) -> Corners | None:
    """The box around a shape; None where its points are no numbers.

    Examples
    --------
    >>> _corners({"shape_type": "circle", "points": [[10, 10], [13, 14]]})
    (5.0, 5.0, 15.0, 15.0)
    """
    points = shape.get("points")
    if not isinstance(points, list) or not points:
        return None
    if not all(isinstance(point, list) and len(point) == 2 for point in points):
        return None
    xs, ys = ([number(point[axis]) for point in points] for axis in (0, 1))
    if not all(math.isfinite(value) for value in (*xs, *ys)):
        return None
    if shape.get("shape_type") == "circle" and len(points) == 2:
        radius = math.hypot(xs[1] - xs[0], ys[1] - ys[0])
        return xs[0] - radius, ys[0] - radius, xs[0] + radius, ys[0] + radius
    return min(xs), min(ys), max(xs), max(ys)
