"""Images with the objects that were found in them, as files."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from topwork.data import Framing, Item, Modality
from topwork.model.detection.predictions import DetectionPredictions
from topwork.report.box_drawing import DrawnBox, class_colour, draw_boxes
from topwork.runtime import write_whole

_QUALITY = 90


def draw_predictions(
    kind: Modality, items: Sequence[Item], found: DetectionPredictions, folder: Path
) -> int:
    """Write each image that could be read with its boxes into a folder; their number.

    Files are named after the images, with a number where two would have one name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    taken: set[str] = set()
    for place, size, detections in zip(found.kept, found.sizes, found.detections, strict=True):
        boxes = [
            DrawnBox(
                [float(v) for v in corners],
                class_colour(int(code)),
                f"{found.labels[code]} {score:.2f}",
            )
            for corners, code, score in zip(
                detections.corners, detections.classes, detections.scores, strict=True
            )
        ]
        image = draw_boxes(full_image(kind, items[place], size), boxes[::-1])
        write_whole(folder / _file_name(items[place].name, taken), _jpeg(image))
    return len(found.kept)


def full_image(kind: Modality, item: Item, size: tuple[int, int]) -> NDArray[np.uint8]:
    """An image at its own size, width and height, uint8 RGB ``(h, w, 3)``."""
    width, height = size
    return np.asarray(kind.decode(kind.read(item), Framing(height, width)), np.uint8)


def _file_name(name: str, taken: set[str]) -> str:
    stem = Path(name).stem or "image"
    chosen, number = f"{stem}.jpg", 2
    while chosen in taken:
        chosen, number = f"{stem}-{number}.jpg", number + 1
    taken.add(chosen)
    return chosen


def _jpeg(image: NDArray[np.uint8]) -> bytes:
    from PIL import Image

    stream = io.BytesIO()
    Image.fromarray(image).save(stream, "JPEG", quality=_QUALITY)
    return stream.getvalue()
