"""Plates as a camera above a belt sees them: good ones, and some with a defect."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SIDE = 160
N_GOOD, N_TEST = 60, 15
HOLES = ((45, 45), (45, 115), (115, 80))


def write_parts(folder: Path, seed: int) -> None:
    """Write ``train/good``, ``test/{good,scratch,stain}`` and ``ground_truth`` masks."""
    from PIL import Image

    rng = np.random.default_rng((seed, 3))
    for split, n in (("train", N_GOOD), ("test", N_TEST)):
        place = folder / split / "good"
        place.mkdir(parents=True, exist_ok=True)
        for number in range(n):
            Image.fromarray(_plate(rng)).save(place / f"{number:03}.png")
    for defect, draw in (("scratch", _scratch), ("stain", _stain)):
        place, truth = folder / "test" / defect, folder / "ground_truth" / defect
        place.mkdir(parents=True, exist_ok=True)
        truth.mkdir(parents=True, exist_ok=True)
        for number in range(N_TEST):
            image, mask = draw(_plate(rng), rng)
            Image.fromarray(image).save(place / f"{number:03}.png")
            Image.fromarray(np.uint8(255 * mask)).save(truth / f"{number:03}_mask.png")


def _plate(rng: np.random.Generator) -> NDArray[np.uint8]:
    from PIL import Image

    y, x = np.mgrid[:SIDE, :SIDE]
    rough = Image.fromarray(rng.integers(0, 256, (SIDE, SIDE), dtype=np.uint8))
    brushed = np.asarray(rough.resize((SIDE // 8, SIDE)).resize((SIDE, SIDE)), np.float64)
    grey = 150 + 35 * (brushed - brushed.mean()) / 128
    dy, dx = rng.normal(0, 0.8, 2)
    for cy, cx in HOLES:
        distance = np.hypot(y - cy - dy, x - cx - dx)
        grey = np.where(distance < 14, 40, grey)
        grey = np.where(np.abs(distance - 15) < 1.5, 205, grey)
    grey = grey * rng.normal(1, 0.03) + rng.normal(0, 3, grey.shape)
    colour = np.clip(grey[..., None] * np.array([1.0, 0.98, 0.95]), 0, 255)
    return np.asarray(colour, np.uint8)


def _scratch(
    plate: NDArray[np.uint8], rng: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    from PIL import Image, ImageDraw

    angle = rng.uniform(0, np.pi)
    centre, half = rng.uniform(50, SIDE - 50, 2), rng.uniform(18, 32)
    along = half * np.array([np.cos(angle), np.sin(angle)])
    mask = Image.new("L", (SIDE, SIDE))
    ImageDraw.Draw(mask).line([*(centre - along), *(centre + along)], fill=255, width=2)
    cover = np.asarray(mask) > 0
    return np.where(cover[..., None], np.uint8(240), plate), cover


def _stain(
    plate: NDArray[np.uint8], rng: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    y, x = np.mgrid[:SIDE, :SIDE]
    cy, cx = rng.uniform(30, SIDE - 30, 2)
    across, down = rng.uniform(8, 14, 2)
    inside = 1 - ((y - cy) / down) ** 2 - ((x - cx) / across) ** 2
    weight = np.clip(inside * 2, 0, 0.8)[..., None]
    mixed = plate * (1 - weight) + plate * np.array([0.5, 0.4, 0.3]) * weight
    return mixed.astype(np.uint8), inside > 0
