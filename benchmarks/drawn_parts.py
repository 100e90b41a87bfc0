"""Photographs of parts, drawn: a plate with holes, framed alike or lying anyhow, and defects."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

Pixels = NDArray[np.uint8]

SIDE = 224
AREA = 0.02
"""Share of the image that a stain or a patch covers."""


def surface(name: str) -> NDArray[np.float64]:
    """A photograph of a surface from scikit-image: brick, grass or gravel; grey, 0 to 1."""
    from skimage import data

    return np.asarray(getattr(data, name)(), np.float64) / 255


def good_part(rng: np.random.Generator, texture: NDArray[np.float64] | None = None) -> Pixels:
    """A part without a defect, uint8 ``(224, 224, 3)``.

    Parameters
    ----------
    texture
        A surface that its own is cut from; brushed metal where there is none.
    """
    y, x = np.mgrid[:SIDE, :SIDE]
    grey = 150 + 40 * (_brushed(rng) if texture is None else _cut(texture, rng))
    dy, dx = rng.normal(0, 1.0, 2)
    for cy, cx in ((60, 60), (60, 164), (164, 112)):
        distance = np.hypot(y - cy - dy, x - cx - dx)
        grey = np.where(distance < 20, 40 + 8 * rng.normal(size=grey.shape), grey)
        grey = np.where(np.abs(distance - 21) < 2, 210, grey)
    edge = np.minimum.reduce([y - dy, x - dx, SIDE - 1 - y + dy, SIDE - 1 - x + dx])
    grey = np.where(edge < 10, 80, grey) * rng.normal(1, 0.03)
    grey = grey + rng.normal(0, 3, grey.shape)
    colour = grey[..., None] * np.array([1.0, 0.98, 0.95])
    return np.clip(colour, 0, 255).astype(np.uint8)


LOOSE_SIDE = 100
"""Of a plate that lies anyhow."""


def loose_part(rng: np.random.Generator, *, defect: bool = False) -> tuple[Pixels, Pixels]:
    """A small plate that lies anywhere on a belt, turned anyhow, with and without a defect on it.

    Both are the same without a defect.
    """
    x = np.arange(SIDE)
    belt = 60 + 10 * np.sin(x / 7 + rng.uniform(0, 6)) + rng.normal(0, 3, (SIDE, SIDE))
    plate = Image.fromarray(good_part(rng)).resize((LOOSE_SIDE, LOOSE_SIDE))
    angle = rng.uniform(0, 360)
    mask = Image.new("L", plate.size, 255).rotate(angle, expand=True)
    turned = plate.rotate(angle, Image.Resampling.BILINEAR, expand=True)
    image = Image.fromarray(np.repeat(np.clip(belt, 0, 255).astype(np.uint8)[..., None], 3, axis=2))
    left, top = (int(one) for one in rng.integers(0, SIDE - turned.width + 1, 2))
    image.paste(turned, (left, top), mask)
    good = np.asarray(image)
    if not defect:
        return good, good
    half = LOOSE_SIDE // 3
    box = [(low + turned.width // 2 - half, low + turned.width // 2 + half) for low in (top, left)]
    inside = tuple(slice(*one) for one in box)
    enlarged = Image.fromarray(good[inside]).resize((SIDE, SIDE))
    drawn = DEFECTS[list(DEFECTS)[int(rng.integers(len(DEFECTS)))]](np.asarray(enlarged), rng)[0]
    bad = good.copy()
    bad[inside] = np.asarray(Image.fromarray(drawn).resize((2 * half, 2 * half)))
    return good, bad


def _brushed(rng: np.random.Generator) -> NDArray[np.float64]:
    rough = Image.fromarray(rng.integers(0, 256, (SIDE, SIDE), dtype=np.uint8))
    smooth = np.asarray(rough.resize((SIDE // 8, SIDE)).resize((SIDE, SIDE)), np.float64)
    return (smooth - smooth.mean()) / 128


def _cut(texture: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    top, left = (int(rng.integers(0, size - SIDE + 1)) for size in texture.shape)
    own = texture[top : top + SIDE, left : left + SIDE]
    return own - own.mean()


def scratch(part: Pixels, rng: np.random.Generator) -> tuple[Pixels, NDArray[np.bool_]]:
    """A thin bright line across a fifth of the part or more."""
    angle, length = rng.uniform(0, np.pi), rng.uniform(50, 90)
    centre = rng.uniform(70, SIDE - 70, 2)
    half = length / 2 * np.array([np.cos(angle), np.sin(angle)])
    mask = Image.new("L", (SIDE, SIDE))
    ImageDraw.Draw(mask).line([*(centre - half), *(centre + half)], fill=255, width=3)
    return _blended(part, mask, np.full(part.shape, 245.0), 0.9)


def stain(part: Pixels, rng: np.random.Generator) -> tuple[Pixels, NDArray[np.bool_]]:
    """A dark blot with soft edges."""
    mask = _blob(rng).filter(ImageFilter.GaussianBlur(2))
    return _blended(part, mask, part * np.array([0.5, 0.4, 0.3]), 0.8)


def patch(part: Pixels, rng: np.random.Generator) -> tuple[Pixels, NDArray[np.bool_]]:
    """A square of another surface."""
    side = round(SIDE * AREA**0.5)
    left, top = rng.integers(20, SIDE - 20 - side, 2)
    mask = Image.new("L", (SIDE, SIDE))
    box = (int(left), int(top), int(left) + side, int(top) + side)
    ImageDraw.Draw(mask).rectangle(box, fill=255)
    y, x = np.mgrid[:SIDE, :SIDE]
    board = np.where((x // 4 + y // 4) % 2, 200.0, 90.0)[..., None] * np.ones(3)
    return _blended(part, mask, board, 1.0)


def _blob(rng: np.random.Generator) -> Image.Image:
    radius = SIDE * (AREA / np.pi) ** 0.5
    stretch = rng.uniform(0.7, 1.4)
    cx, cy = rng.uniform(40, SIDE - 40, 2)
    mask = Image.new("L", (SIDE, SIDE))
    across, down = radius * stretch, radius / stretch
    ImageDraw.Draw(mask).ellipse((cx - across, cy - down, cx + across, cy + down), fill=255)
    return mask


def _blended(
    part: Pixels, mask: Image.Image, other: NDArray[np.float64], strength: float
) -> tuple[Pixels, NDArray[np.bool_]]:
    cover = np.asarray(mask, np.float64) / 255
    weight = strength * cover[..., None]
    mixed = part * (1 - weight) + other * weight
    return np.clip(mixed, 0, 255).astype(np.uint8), cover > 0.5


Defect = Callable[[Pixels, np.random.Generator], tuple[Pixels, NDArray[np.bool_]]]

DEFECTS: Mapping[str, Defect] = {"scratch": scratch, "stain": stain, "patch": patch}
"""What makes of a good part a bad one, and where the defect is."""
