"""JPEGs as people have them, cut from the photographs that scikit-image ships."""

from __future__ import annotations

import colorsys
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

PHOTOGRAPHS = (
    "astronaut",
    "chelsea",
    "coffee",
    "hubble_deep_field",
    "immunohistochemistry",
    "retina",
    "rocket",
)
"""The colour photographs that come with the package itself; no download."""

QUALITY = 88
"""Gives files of about 16 KB at 300 x 200 pixels."""

Pixels = NDArray[np.uint8]


@cache
def photograph(name: str) -> Pixels:
    """``(h, w, 3)``."""
    from skimage import data

    return np.asarray(getattr(data, name)())


def write_photographs(
    folder: Path, n: int, *, seed: int = 0, side: int = 300, grain: float = 0.0
) -> list[Path]:
    """``n`` different JPEGs, about ``side`` pixels wide and two thirds as high.

    At 300 pixels they have 16 KB; larger ones are blown up, and ``grain``, the standard deviation
    of a noise in pixel values, gives them the bytes that a camera's have.
    """
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True)
    files = [folder / f"{i:05}.jpg" for i in range(n)]
    for i, file in enumerate(files):
        low, high = 280 * side // 300, 320 * side // 300
        width, height = rng.integers(low, high + 1), rng.integers(2 * low // 3, 2 * high // 3 + 1)
        part = _crop(PHOTOGRAPHS[i % len(PHOTOGRAPHS)], rng, aspect=width / height)
        picture = part.resize((int(width), int(height)), Image.Resampling.BICUBIC)
        if grain:
            noise = rng.standard_normal((height, width, 1), np.float32) * grain
            grainy = np.clip(np.asarray(picture) + noise, 0, 255)
            picture = Image.fromarray(grainy.astype(np.uint8))
        picture.save(file, quality=QUALITY)
    return files


def write_thumbnails(folder: Path, n: int, *, seed: int = 0, side: int = 64) -> list[Path]:
    """``n`` different JPEGs of ``side`` pixels: small, for what counts items, not pixels."""
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True)
    files = [folder / f"{i:05}.jpg" for i in range(n)]
    for file in files:
        pixels = photograph(PHOTOGRAPHS[rng.integers(len(PHOTOGRAPHS))])
        top, left = (int(rng.integers(size - side + 1)) for size in pixels.shape[:2])
        crop = pixels[top : top + side, left : left + side].copy()
        crop[:4, :4] = rng.integers(0, 256, (4, 4, 3))  # no two alike
        Image.fromarray(crop).save(file, quality=75)
    return files


def write_classes(folder: Path, n_classes: int, per_class: int, *, seed: int = 0) -> Path:
    """Class folders of JPEGs of about 300 x 200 pixels and 16 KB.

    A class is a part of one photograph under a colour of its own; where the crop lies within
    that part, how large it is and how strong the colour is vary. Something else shines through,
    another in each picture: without it a class would be one picture thirty times over, which the
    search for copies takes ten times as long for as for thirty photographs.
    """
    rng = np.random.default_rng(seed)
    for code in range(n_classes):
        place = folder / f"class-{code:03}"
        place.mkdir(parents=True)
        name = PHOTOGRAPHS[code % len(PHOTOGRAPHS)]
        centre = rng.uniform(0.25, 0.75, 2)
        tint = np.array(colorsys.hsv_to_rgb(rng.uniform(), 0.5, 1.0))
        for i in range(per_class):
            picture = _crop(name, rng, aspect=1.5, centre=centre + rng.normal(0, 0.05, 2))
            small = np.asarray(picture.resize((300, 200), Image.Resampling.BICUBIC))
            strength = rng.uniform(0.2, 1.0)
            other = _crop(PHOTOGRAPHS[rng.integers(len(PHOTOGRAPHS))], rng, aspect=1.5)
            through = np.asarray(other.resize((300, 200), Image.Resampling.BICUBIC))
            share = rng.uniform(0.25, 0.5)
            coloured = small * (1 - strength + strength * tint) * (1 - share) + share * through
            Image.fromarray(coloured.astype(np.uint8)).save(place / f"{i:03}.jpg", quality=QUALITY)
    return folder


def mean_bytes(files: list[Path]) -> float:
    """Mean size of the files."""
    return float(np.mean([file.stat().st_size for file in files]))


def _crop(
    name: str,
    rng: np.random.Generator,
    *,
    aspect: float,
    centre: NDArray[np.float64] | None = None,
) -> Image.Image:
    """A part of a photograph: 0.5 to 0.9 of what fits, around ``centre`` (y, x in 0..1)."""
    pixels = photograph(name)
    rows, columns = pixels.shape[:2]
    height = rng.uniform(0.5, 0.9) * min(rows, columns / aspect)
    width = height * aspect
    y, x = rng.uniform(0, 1, 2) if centre is None else centre
    top = int(np.clip(y * rows - height / 2, 0, rows - height))
    left = int(np.clip(x * columns - width / 2, 0, columns - width))
    return Image.fromarray(pixels[top : top + int(height), left : left + int(width)])
