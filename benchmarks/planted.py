"""Near-duplicates planted among real pictures: changed copies, written as files."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance

from topwork.data import Item

Change = Callable[[Image.Image, np.random.Generator], bytes]

SHARE = 0.05
"""Copies for each item of the set."""


def _jpeg(image: Image.Image, quality: int = 90) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def _resize(image: Image.Image, rng: np.random.Generator) -> bytes:  # noqa: ARG001
    size = (round(0.7 * image.width), round(0.7 * image.height))
    return _jpeg(image.resize(size, Image.Resampling.BICUBIC))


def _crop_somewhere(image: Image.Image, rng: np.random.Generator) -> bytes:
    width, height = round(0.95 * image.width), round(0.95 * image.height)
    x = int(rng.integers(0, image.width - width + 1))
    y = int(rng.integers(0, image.height - height + 1))
    return _jpeg(image.crop((x, y, x + width, y + height)))


def _crop_each_edge(image: Image.Image, rng: np.random.Generator) -> bytes:  # noqa: ARG001
    x, y = round(0.05 * image.width), round(0.05 * image.height)
    return _jpeg(image.crop((x, y, image.width - x, image.height - y)))


def _light(factor: float) -> Change:
    return lambda image, rng: _jpeg(ImageEnhance.Brightness(image).enhance(factor))  # noqa: ARG005


CHANGES: dict[str, Change] = {
    "encoded at quality 60": lambda image, rng: _jpeg(image, 60),  # noqa: ARG005
    "resized to 70 %": _resize,
    "cropped by 5 %": _crop_somewhere,
    "cropped by 5 % at each edge": _crop_each_edge,
    "10 % brighter": _light(1.1),
    "10 % darker": _light(0.9),
}


@dataclass(frozen=True)
class Planted:
    """m copies: as items, the positions of what they are copies of, and what was done to each."""

    items: list[Item]
    sources: np.ndarray
    changes: np.ndarray


def plant(items: list[Item], folder: Path, *, seed: int) -> Planted:
    """Write copies of 5 % of the items, each changed in one way; all ways equally often."""
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True)
    m = round(SHARE * len(items))
    sources = np.sort(rng.permutation(len(items))[:m])
    changes = rng.permutation(np.resize(list(CHANGES), m))
    copies = []
    for number, (source, change) in enumerate(zip(sources, changes, strict=True)):
        path, original = folder / f"{number}.jpg", items[source].path
        assert original is not None
        image = Image.open(original).convert("RGB")
        path.write_bytes(CHANGES[str(change)](image, rng))
        copies.append(Item(str(path), path))
    return Planted(copies, sources, changes)
