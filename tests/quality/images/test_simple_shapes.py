"""Drawings of one simple shape are no copies of one another; copies among them are."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tests.quality.conftest import COPIES, features_of, keys_of, thumbnails_of
from topwork.quality import Duplicates, ImageSimilarity, find_duplicates, find_families

N = 180
MAX_FALSE, MIN_FOUND = 0.01, 0.9
SAME_PLACE = ("encoded at quality 60", "resized to 70 %", "brighter", "darker")
CORNERS = {
    "square": [(-0.8, -0.8), (0.8, -0.8), (0.8, 0.8), (-0.8, 0.8)],
    "triangle": [(0.0, -1.0), (0.87, 0.5), (-0.87, 0.5)],
    "star": [
        (radius * np.sin(turn), -radius * np.cos(turn))
        for radius, turn in zip([1.0, 0.4] * 5, np.arange(10) * np.pi / 5, strict=True)
    ],
}
SHAPES = ("circle", "ring", *CORNERS)


def _drawn(shape: str, rng: np.random.Generator, *, coloured: bool) -> Image.Image:
    """One shape of any size, place, rotation and colour, sometimes with lines behind it."""
    width, height = (int(side) for side in rng.integers(70, 240, 2))
    light, dark = ((230,) * 3, (30,) * 3)
    if coloured:
        light, dark = (tuple(map(int, rng.integers(*r, 3))) for r in ((120, 256), (0, 110)))
    image = Image.new("RGB", (width, height), light)
    draw = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(0, 4))):
        ends = [(int(rng.integers(width)), int(rng.integers(height))) for _ in range(2)]
        draw.line(ends, fill=dark, width=int(rng.integers(1, 4)))
    radius = min(width, height) * rng.uniform(0.2, 0.42)
    x, y = width * rng.uniform(0.4, 0.6), height * rng.uniform(0.4, 0.6)
    box = (x - radius, y - radius, x + radius, y + radius)
    if shape == "circle":
        draw.ellipse(box, fill=dark)
    elif shape == "ring":
        draw.ellipse(box, outline=dark, width=max(2, int(0.3 * radius)))
    else:
        turn = np.exp(1j * np.radians(rng.uniform(-40, 40)))
        at = [complex(x, y) + radius * turn * complex(*corner) for corner in CORNERS[shape]]
        draw.polygon([(point.real, point.imag) for point in at], fill=dark)
    return image


def _drawings(seed: int, *, coloured: bool) -> tuple[list[Image.Image], np.ndarray]:
    rng = np.random.default_rng(seed)
    codes = np.arange(N) % len(SHAPES)
    return [_drawn(SHAPES[code], rng, coloured=coloured) for code in codes], codes


def _looks(thumbnails: np.ndarray) -> ImageSimilarity:
    return ImageSimilarity(thumbnails, np.zeros((len(thumbnails), 2), np.int64))


def _found(thumbnails: np.ndarray, codes: np.ndarray | None) -> Duplicates:
    keys, features = keys_of(len(thumbnails)), features_of(thumbnails)
    return find_duplicates(keys, _looks(thumbnails), features, codes)


@pytest.mark.parametrize("coloured", [True, False], ids=["any colours", "black on white"])
@pytest.mark.parametrize("with_classes", [True, False], ids=["classes", "no classes"])
def test_only_copies_are_the_same_image(*, coloured: bool, with_classes: bool) -> None:
    drawings, codes = _drawings(0, coloured=coloured)
    sources = np.arange(0, N, 9)
    ways = [SAME_PLACE[i % len(SAME_PLACE)] for i in range(len(sources))]
    copies = [COPIES[way](drawings[i]) for way, i in zip(ways, sources, strict=True)]
    thumbnails = thumbnails_of([*drawings, *copies])
    codes = np.concatenate([codes, codes[sources]])
    found = _found(thumbnails, codes if with_classes else None)
    original = np.concatenate([np.arange(N), sources])
    false = [p for p in found.pairs if original[p.first] != original[p.second]]
    assert len({i for p in false for i in (p.first, p.second)}) <= MAX_FALSE * N
    assert (found.groups[sources] == found.groups[N:]).mean() >= MIN_FOUND


@pytest.mark.parametrize("coloured", [True, False], ids=["any colours", "black on white"])
def test_what_they_look_like_makes_no_families(*, coloured: bool) -> None:
    drawings, codes = _drawings(1, coloured=coloured)
    thumbnails = thumbnails_of(drawings)
    rng = np.random.default_rng(0)
    names = [f"{rng.integers(1 << 62):016x}.png" for _ in drawings]
    copies = _found(thumbnails, codes)
    families = find_families(names, _looks(thumbnails), features_of(thumbnails), copies, codes)
    assert families.joined.mean() <= MAX_FALSE
