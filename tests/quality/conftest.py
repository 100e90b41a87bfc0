"""Real photographs, cut into pictures that don't overlap, and copies of them."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import numpy as np
import pytest
import skimage.data
from PIL import Image, ImageEnhance

from topwork.data import ImageModality, Item
from topwork.errors import BadItem
from topwork.quality import ImageSimilarity, measure, thumbnail
from topwork.quality.images.thumbnails import DECODED

PHOTOGRAPHS = ("astronaut", "coffee", "chelsea", "coins", "gravel", "immunohistochemistry")
SIDE = 128


def through_jpeg(image: Image.Image, quality: int = 90) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return Image.open(io.BytesIO(buffer.getvalue())).convert("RGB")


def _resized(image: Image.Image) -> Image.Image:
    width, height = image.size
    return through_jpeg(image.resize((round(0.7 * width), round(0.7 * height))))


def _cropped(image: Image.Image, left: float, top: float) -> Image.Image:
    """Five per cent of each side are gone, shared out between its two ends."""
    width, height = image.size
    x, y = round(0.05 * width * left), round(0.05 * height * top)
    part = (x, y, x + round(0.95 * width), y + round(0.95 * height))
    return through_jpeg(image.crop(part))


def _lit(image: Image.Image, factor: float) -> Image.Image:
    return through_jpeg(ImageEnhance.Brightness(image).enhance(factor))


COPIES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "encoded at quality 60": lambda image: through_jpeg(image, 60),
    "resized to 70 %": _resized,
    "cropped at the left": lambda image: _cropped(image, 1, 0.5),
    "cropped at the bottom right": lambda image: _cropped(image, 0, 0),
    "brighter": lambda image: _lit(image, 1.1),
    "darker": lambda image: _lit(image, 0.9),
}


@pytest.fixture(scope="session")
def pictures() -> list[Image.Image]:
    """Some 90 different pictures."""
    return [piece for name in PHOTOGRAPHS for piece in _pieces(name)]


def _pieces(name: str) -> list[Image.Image]:
    whole = Image.fromarray(getattr(skimage.data, name)()).convert("RGB")
    return [
        whole.crop((x, y, x + SIDE, y + SIDE))
        for y in range(0, whole.height - SIDE + 1, SIDE)
        for x in range(0, whole.width - SIDE + 1, SIDE)
    ]


@pytest.fixture(scope="session")
def classes() -> np.ndarray:
    """The photograph that each picture is from."""
    return np.concatenate([[code] * len(_pieces(name)) for code, name in enumerate(PHOTOGRAPHS)])


def survey(items: Sequence[Item]) -> ImageSimilarity:
    """What items look like; one that can't be read is black and without a size."""
    kind = ImageModality()

    def small(item: Item) -> np.ndarray:
        try:
            return thumbnail(kind.decode(kind.read(item), DECODED))
        except BadItem:
            return np.zeros((64, 64), np.uint8)

    return ImageSimilarity(np.stack([small(item) for item in items]), measure(items, kind=kind))


def thumbnails_of(images: list[Image.Image]) -> np.ndarray:
    return survey([Item(f"item {i}", value=image) for i, image in enumerate(images)]).thumbnails


def features_of(thumbnails: np.ndarray) -> np.ndarray:
    """A stand-in for a network: coarse pixels, centred; what it misses the signature must find."""
    n = len(thumbnails)
    coarse = thumbnails.reshape(n, 8, 8, 8, 8).mean(axis=(2, 4)).reshape(n, 64)
    return coarse - coarse.mean(axis=1, keepdims=True)


def keys_of(n: int) -> list[bytes]:
    return [f"key {i}".encode() for i in range(n)]


@pytest.fixture(scope="session")
def seen(pictures) -> np.ndarray:
    return thumbnails_of(pictures)
