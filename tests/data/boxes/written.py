"""Images and annotation files of every format, written by the tests themselves."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from topwork.data import Dataset

Box = tuple[str, tuple[float, float, float, float]]
Boxes = Mapping[str, Sequence[Box]]

WIDTH, HEIGHT = 64, 48

BOXES: Boxes = {
    "a": [("cat", (10, 8, 30, 28)), ("dog", (32, 20, 60, 44))],
    "b": [("cat", (4, 4, 20, 16))],
    "c": [],
    "d": [("dog", (0, 0, 64, 48))],
}
"""What the images of most tests show."""

NAMES = ("cat", "dog")


def put_image(
    path: Path, size: tuple[int, int] = (WIDTH, HEIGHT), *, turn: int = 1, name: str = "JPEG"
) -> None:
    """A noisy image of a size as it lies in the file, with an Exif orientation."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(0).integers(0, 255, (size[1], size[0], 3), np.uint8)
    exif = Image.Exif()
    exif[274] = turn
    Image.fromarray(pixels).save(path, name, exif=exif)


def put(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def voc(name: str, boxes: Iterable[Box], size: tuple[int, int] | None = (WIDTH, HEIGHT)) -> str:
    """A Pascal VOC file."""
    objects = "".join(
        voc_object(label, *(str(value) for value in corners)) for label, corners in boxes
    )
    told = "" if size is None else f"<width>{size[0]}</width><height>{size[1]}</height>"
    return (
        f"<annotation><filename>{name}</filename><size>{told}<depth>3</depth></size>"
        f"{objects}</annotation>"
    )


def voc_object(label: str, x1: str, y1: str, x2: str, y2: str, beside: str = "") -> str:
    return (
        f"<object><name>{label}</name>{beside}<bndbox><xmin>{x1}</xmin><ymin>{y1}</ymin>"
        f"<xmax>{x2}</xmax><ymax>{y2}</ymax></bndbox></object>"
    )


def coco(
    boxes: Boxes,
    ids: Sequence[int] = (1, 2),
    *,
    folder: str = "",
    first_image: int = 0,
    dummy: bool = False,
) -> str:
    """A COCO file; ``ids`` are those of the categories."""
    categories = [
        {"id": i, "name": n, "supercategory": "pet"} for i, n in zip(ids, NAMES, strict=True)
    ]
    if dummy:  # as Roboflow writes them
        categories.insert(0, {"id": 0, "name": "pet", "supercategory": "none"})
    images, annotations = [], []
    for number, (stem, found) in enumerate(boxes.items(), start=first_image):
        name = f"{folder}{stem}.jpg"
        images.append({"id": number, "file_name": name, "width": WIDTH, "height": HEIGHT})
        for label, (x1, y1, x2, y2) in found:
            annotations.append(
                {
                    "id": len(annotations),
                    "image_id": number,
                    "category_id": ids[NAMES.index(label)],
                    "bbox": [x1, y1, x2 - x1, y2 - y1],
                    "area": (x2 - x1) * (y2 - y1),
                    "iscrowd": 0,
                }
            )
    return json.dumps({"images": images, "annotations": annotations, "categories": categories})


def labelme(stem: str, boxes: Iterable[Box]) -> str:
    """A labelme file of rectangles, their corners in any order, and polygons."""
    shapes = []
    for i, (label, (x1, y1, x2, y2)) in enumerate(boxes):
        rectangle = i % 2 == 0
        points = [[x2, y1], [x1, y2]] if rectangle else [[x1, y1], [x2, y1], [x2, y2], [x1, y2]]
        kind = "rectangle" if rectangle else "polygon"
        shapes.append({"label": label, "points": points, "shape_type": kind, "flags": {}})
    described = {"imagePath": f"..\\images\\{stem}.jpg", "imageData": None}
    size = {"imageHeight": HEIGHT, "imageWidth": WIDTH}
    return json.dumps({"version": "5.4", "flags": {}, "shapes": shapes, **described, **size})


def cvat(boxes: Boxes, subsets: Mapping[str, str] | None = None) -> str:
    """A file of CVAT for images, boxes and polygons in turn."""
    images = []
    for number, (stem, found) in enumerate(boxes.items()):
        shapes = [
            f'<box label="{label}" xtl="{x1}" ytl="{y1}" xbr="{x2}" ybr="{y2}" occluded="0"/>'
            if i % 2 == 0
            else f'<polygon label="{label}" points="{x1},{y1};{x2},{y1};{x2},{y2}"/>'
            for i, (label, (x1, y1, x2, y2)) in enumerate(found)
        ]
        subset = f' subset="{subsets[stem]}"' if subsets else ""
        images.append(
            f'<image id="{number}" name="{stem}.jpg"{subset} width="{WIDTH}" height="{HEIGHT}">'
            f"{''.join(shapes)}</image>"
        )
    meta = "<meta><task><size>4</size></task></meta>"
    return f"<annotations><version>1.1</version>{meta}{''.join(images)}</annotations>"


def yolo(boxes: Iterable[Box]) -> str:
    """A YOLO file."""
    lines = []
    for label, (x1, y1, x2, y2) in boxes:
        x, y = (x1 + x2) / 2 / WIDTH, (y1 + y2) / 2 / HEIGHT
        wide, high = (x2 - x1) / WIDTH, (y2 - y1) / HEIGHT
        lines.append(f"{NAMES.index(label)} {x:.6f} {y:.6f} {wide:.6f} {high:.6f}")
    return "\n".join(lines)


def found(data: Dataset) -> dict[str, list[Box]]:
    """What was read: the boxes of each image by its name without the extension."""
    targets = data.boxes
    return {
        Path(item.name).stem: [
            (targets.labels[code], tuple(round(value, 2) + 0.0 for value in corners))
            for code, corners in zip(boxes.classes, boxes.corners.tolist(), strict=True)
        ]
        for item, boxes in zip(data.items, targets.images, strict=True)
    }


def reasons(data: Dataset) -> list[str]:
    return sorted(issue.reason for issue in data.boxes.issues)


def some(*stems: str) -> dict[str, Any]:
    return {stem: BOXES[stem] for stem in stems}
