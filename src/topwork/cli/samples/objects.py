"""Coins and stamps that lie on a table, with their boxes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

WIDTH, HEIGHT = 320, 240
N_TRAIN, N_TEST, N_FRAMES = 30, 12, 40
LABELS = ("coin", "stamp")
Box = tuple[int, int, int, int]


def write_cards(folder: Path, seed: int) -> None:
    """Write ``train/`` and ``test/``, each with ``_annotations.coco.json``."""
    rng = np.random.default_rng((seed, 4))
    for split, n in (("train", N_TRAIN), ("test", N_TEST)):
        _write_split(folder / split, n, rng)


def write_frames(folder: Path, seed: int) -> None:
    """Write forty frames in which a coin and a stamp pass each other, without boxes."""
    rng = np.random.default_rng((seed, 8))
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(N_FRAMES):
        image = _table(rng)
        _coin(image, (number * 6, 60, number * 6 + 44, 104), rng)
        _stamp(image, (230 - number * 4, 140, 278 - number * 4, 178), rng)
        image.save(folder / f"{number:03}.jpg", quality=92)


def _write_split(folder: Path, n: int, rng: np.random.Generator) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    images: list[dict[str, object]] = []
    annotations: list[dict[str, object]] = []
    for number in range(n):
        name, image = f"{number:03}.jpg", _table(rng)
        images.append({"id": number, "file_name": name, "width": WIDTH, "height": HEIGHT})
        for label, box in _places(rng):
            (_coin, _stamp)[label](image, box, rng)
            x1, y1, x2, y2 = box
            size = (x2 - x1, y2 - y1)
            annotations.append(
                {
                    "id": len(annotations),
                    "image_id": number,
                    "category_id": label + 1,
                    "bbox": [x1, y1, *size],
                    "area": size[0] * size[1],
                    "iscrowd": 0,
                }
            )
        image.save(folder / name, quality=92)
    categories = [{"id": i + 1, "name": name} for i, name in enumerate(LABELS)]
    whole = {"images": images, "annotations": annotations, "categories": categories}
    (folder / "_annotations.coco.json").write_text(json.dumps(whole), "utf-8")


def _places(rng: np.random.Generator) -> list[tuple[int, Box]]:
    """Up to five objects that do not overlap."""
    found: list[tuple[int, Box]] = []
    for _ in range(int(rng.integers(0, 6))):
        label = int(rng.integers(2))
        w = int(rng.integers(34, 60))
        h = w if label == 0 else int(w * 0.8)
        x, y = int(rng.integers(0, WIDTH - w)), int(rng.integers(0, HEIGHT - h))
        box = (x, y, x + w, y + h)
        if not any(_overlap(box, other) for _, other in found):
            found.append((label, box))
    return found


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _table(rng: np.random.Generator) -> Image.Image:
    from PIL import Image

    x = np.arange(WIDTH)
    grain = 12 * np.sin(x / rng.uniform(5, 9) + rng.uniform(0, 6)) + rng.normal(
        0, 6, (HEIGHT, WIDTH)
    )
    colour = np.array([150, 112, 74]) * rng.uniform(0.8, 1.1) + grain[..., None]
    return Image.fromarray(np.clip(colour, 0, 255).astype(np.uint8))


def _pen(image: Image.Image) -> ImageDraw.ImageDraw:
    from PIL import ImageDraw

    return ImageDraw.Draw(image)


def _coin(image: Image.Image, box: Box, rng: np.random.Generator) -> None:
    pen, shade = _pen(image), int(rng.integers(165, 215))
    x1, y1, x2, y2 = box
    edge = (shade - 70, shade - 80, shade - 110)
    pen.ellipse((x1, y1, x2 - 1, y2 - 1), fill=(shade, shade - 15, shade - 60), outline=edge)
    inner = (x2 - x1) // 6
    pen.ellipse((x1 + inner, y1 + inner, x2 - 1 - inner, y2 - 1 - inner), outline=edge, width=2)
    middle = (x1 + x2) // 2
    pen.line((middle, y1 + 2 * inner, middle, y2 - 2 * inner), fill=edge, width=3)


def _stamp(image: Image.Image, box: Box, rng: np.random.Generator) -> None:
    pen = _pen(image)
    x1, y1, x2, y2 = box
    pen.rectangle((x1, y1, x2 - 1, y2 - 1), fill=(236, 232, 222))
    colour = tuple(int(c) for c in rng.integers(30, 200, 3))
    pen.rectangle((x1 + 4, y1 + 4, x2 - 5, y2 - 5), fill=colour)
    pen.polygon(
        ((x1 + 6, y2 - 7), ((x1 + x2) // 2, y1 + 8), (x2 - 8, y2 - 7)), fill=(236, 232, 222)
    )
