"""Scenes with known boxes: parts of photographs that the dependencies ship, pasted onto others."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import skimage
import sklearn
from numpy.typing import NDArray
from PIL import Image, ImageEnhance

Pixels = NDArray[np.uint8]

OBJECTS = {
    "cat": ("chelsea.png", (95, 20, 345, 285)),
    "face": ("astronaut.png", (165, 45, 285, 200)),
    "cup": ("coffee.png", (130, 50, 440, 345)),
    "flower": ("flower.jpg", (170, 90, 480, 420)),
}
"""Photograph of each object, and where it is: left, top, right, bottom."""

GROUNDS = ("brick.png", "grass.png", "gravel.png", "china.jpg", "retina.jpg", "ihc.png")


class Scene(NamedTuple):
    """An image, and its objects as (label, x1, y1, x2, y2)."""

    image: Pixels
    boxes: list[tuple[str, float, float, float, float]]


def scenes(
    n: int,
    *,
    seed: int,
    width: int = 320,
    height: int = 240,
    share: tuple[float, float] = (0.2, 0.5),
) -> list[Scene]:
    """Drawn anew for each seed: no to four objects, from one share of the height to another.

    Objects are turned a little, mirrored, lit differently and partly hidden by others.
    """
    rng = np.random.default_rng(seed)
    return [_scene(rng, width, height, share) for _ in range(n)]


def _scene(rng: np.random.Generator, width: int, height: int, share: tuple[float, float]) -> Scene:
    canvas = _ground(rng, width, height)
    boxes: list[tuple[str, float, float, float, float]] = []
    for label in rng.choice(list(OBJECTS), size=rng.integers(0, 5)):
        piece = _object(rng, str(label), int(rng.uniform(*share) * height))
        if piece.width >= width or piece.height >= height:
            continue
        x, y = rng.integers(0, width - piece.width), rng.integers(0, height - piece.height)
        box = (float(x), float(y), float(x + piece.width), float(y + piece.height))
        if any(_hidden(box, other[1:]) > 0.3 for other in boxes):
            continue
        canvas.paste(piece, (int(x), int(y)), piece)
        boxes.append((str(label), *box))
    noise = rng.normal(0, 6, (height, width, 1))
    return Scene(np.clip(np.asarray(canvas) + noise, 0, 255).astype(np.uint8), boxes)


def _ground(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    photo = _photograph(str(rng.choice(GROUNDS)))
    least = max(width / photo.width, height / photo.height)
    zoom = rng.uniform(least, max(least, 1.6))
    size = (max(width, round(photo.width * zoom)), max(height, round(photo.height * zoom)))
    large = photo.resize(size)
    x = int(rng.integers(0, large.width - width + 1))
    y = int(rng.integers(0, large.height - height + 1))
    return large.crop((x, y, x + width, y + height))


def _object(rng: np.random.Generator, label: str, side: int) -> Image.Image:
    name, box = OBJECTS[label]
    piece = _photograph(name).crop(box)
    if rng.random() < 0.5:
        piece = piece.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    piece = ImageEnhance.Brightness(piece).enhance(rng.uniform(0.7, 1.2))
    piece = ImageEnhance.Color(piece).enhance(rng.uniform(0.4, 1.4))
    scale = side / max(piece.size)
    piece = piece.resize((round(piece.width * scale), round(piece.height * scale))).convert("RGBA")
    piece.putalpha(_ellipse(*piece.size))
    turned = piece.rotate(rng.uniform(-25, 25), expand=True)
    return turned.crop(turned.getbbox())


def _ellipse(width: int, height: int) -> Image.Image:
    y, x = np.mgrid[:height, :width]
    far = ((x + 0.5) / width * 2 - 1) ** 2 + ((y + 0.5) / height * 2 - 1) ** 2
    return Image.fromarray((np.clip((1 - far) * 12, 0, 1) * 255).astype(np.uint8))


def _hidden(box: tuple[float, ...], other: tuple[float, ...]) -> float:
    across = min(box[2], other[2]) - max(box[0], other[0])
    down = min(box[3], other[3]) - max(box[1], other[1])
    area = (other[2] - other[0]) * (other[3] - other[1])
    return max(across, 0) * max(down, 0) / area


@cache
def _photograph(name: str) -> Image.Image:
    folders = (
        Path(skimage.__file__).parent / "data",
        Path(sklearn.__file__).parent / "datasets" / "images",
    )
    file = next(folder / name for folder in folders if (folder / name).is_file())
    return Image.open(file).convert("RGB")
