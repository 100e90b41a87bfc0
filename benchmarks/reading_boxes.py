"""How long boxes of each format take to be read: 1,000 images of 640 × 480, 10 boxes each.

`python -m benchmarks.reading_boxes`
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.record import Record
from benchmarks.timing import interleaved, medians
from topwork.data import read
from topwork.data.images.stored_size import stored_size

IMAGES, BOXES, REPEATS = 1000, 10, 5
WIDTH, HEIGHT = 640, 480
NAMES = ("cat", "dog", "bird", "fish")
HEADERS = "headers of the images alone"


def main() -> None:
    record = Record("reading_boxes")
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        sources = _written(root)
        images = sorted((root / "coco" / "images").iterdir())
        actions = {form: lambda s=source: read(s, split="all") for form, source in sources.items()}
        actions[HEADERS] = lambda: [stored_size(path) for path in images]
        for action in actions.values():
            action()
        found = interleaved(actions, repeats=REPEATS)
    seconds = {form: medians(all_) for form, all_ in found.items()}
    record.table(
        f"medians of {REPEATS}",
        ("read", "s", "s of processors"),
        [(form, one.wall, one.cpu) for form, one in seconds.items()],
    )
    for form in sources:
        record.target(f"seconds to read {form}", seconds[form].wall, most=2)
    record.write()


def _written(root: Path) -> dict[str, Path]:
    """The same boxes in every format."""
    rng = np.random.default_rng(0)
    low = rng.uniform(0, 0.5, (IMAGES, BOXES, 2)) * (WIDTH, HEIGHT)
    sides = rng.uniform(0.05, 0.5, (IMAGES, BOXES, 2)) * (WIDTH, HEIGHT)
    corners = np.concatenate([low, low + sides], axis=2).round(1)
    classes = rng.integers(0, len(NAMES), (IMAGES, BOXES))
    for form in ("coco", "voc", "yolo", "table"):
        (root / form / "images").mkdir(parents=True)
    small = Image.fromarray(rng.integers(0, 255, (48, 64, 3), np.uint8)).resize((WIDTH, HEIGHT))
    small.save(root / "one.jpg")
    for i in range(IMAGES):
        for form in ("coco", "voc", "yolo", "table"):
            shutil.copy(root / "one.jpg", root / form / "images" / f"{i:05}.jpg")
    _coco(root / "coco", corners, classes)
    _voc(root / "voc", corners, classes)
    _yolo(root / "yolo", corners, classes)
    _table(root / "table", corners, classes)
    return {
        "COCO": root / "coco",
        "Pascal VOC": root / "voc",
        "YOLO": root / "yolo",
        "a table": root / "table" / "boxes.csv",
    }


def _coco(root: Path, corners: np.ndarray, classes: np.ndarray) -> None:
    whole = {
        "images": [
            {"id": i, "file_name": f"{i:05}.jpg", "width": WIDTH, "height": HEIGHT}
            for i in range(IMAGES)
        ],
        "categories": [{"id": 10 * c, "name": name} for c, name in enumerate(NAMES)],
        "annotations": [
            {
                "id": BOXES * i + j,
                "image_id": i,
                "category_id": 10 * int(classes[i, j]),
                "bbox": [x1, y1, x2 - x1, y2 - y1],
                "iscrowd": 0,
            }
            for i in range(IMAGES)
            for j, (x1, y1, x2, y2) in enumerate(corners[i].tolist())
        ],
    }
    (root / "instances.json").write_text(json.dumps(whole))


def _voc(root: Path, corners: np.ndarray, classes: np.ndarray) -> None:
    (root / "annotations").mkdir()
    for i in range(IMAGES):
        objects = "".join(
            f"<object><name>{NAMES[code]}</name><pose>Unspecified</pose><truncated>0</truncated>"
            f"<difficult>0</difficult><bndbox><xmin>{x1}</xmin><ymin>{y1}</ymin><xmax>{x2}</xmax>"
            f"<ymax>{y2}</ymax></bndbox></object>"
            for code, (x1, y1, x2, y2) in zip(classes[i], corners[i].tolist(), strict=True)
        )
        (root / "annotations" / f"{i:05}.xml").write_text(
            f"<annotation><filename>{i:05}.jpg</filename><size><width>{WIDTH}</width>"
            f"<height>{HEIGHT}</height><depth>3</depth></size>{objects}</annotation>"
        )


def _yolo(root: Path, corners: np.ndarray, classes: np.ndarray) -> None:
    (root / "labels").mkdir()
    (root / "data.yaml").write_text(f"names: [{', '.join(NAMES)}]\n")
    for i in range(IMAGES):
        lines = [
            f"{code} {(x1 + x2) / 2 / WIDTH:.6f} {(y1 + y2) / 2 / HEIGHT:.6f} "
            f"{(x2 - x1) / WIDTH:.6f} {(y2 - y1) / HEIGHT:.6f}"
            for code, (x1, y1, x2, y2) in zip(classes[i], corners[i].tolist(), strict=True)
        ]
        (root / "labels" / f"{i:05}.txt").write_text("\n".join(lines))


def _table(root: Path, corners: np.ndarray, classes: np.ndarray) -> None:
    rows = [
        f"images/{i:05}.jpg,{x1},{y1},{x2},{y2},{NAMES[code]}"
        for i in range(IMAGES)
        for code, (x1, y1, x2, y2) in zip(classes[i], corners[i].tolist(), strict=True)
    ]
    (root / "boxes.csv").write_text("\n".join(["path,x1,y1,x2,y2,label", *rows]))


if __name__ == "__main__":
    main()
