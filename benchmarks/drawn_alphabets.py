"""Alphabets that nobody wrote: characters of a few strokes, each drawn by an unsteady hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

SIDE = 96


def character(rng: np.random.Generator) -> list[np.ndarray]:
    """Two to four strokes, each of four control points in the unit square."""
    return [rng.uniform(0.1, 0.9, (4, 2)) for _ in range(rng.integers(2, 5))]


def written(strokes: list[np.ndarray], rng: np.random.Generator) -> Image.Image:
    """A character, written once: shaken, turned, scaled and moved a little."""
    image = Image.new("L", (SIDE, SIDE), int(rng.integers(215, 256)))
    draw, ink = ImageDraw.Draw(image), int(rng.integers(0, 60))
    angle, scale = rng.normal(0, 0.15), rng.uniform(0.75, 1.05)
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    moved, width = rng.normal(0, 0.04, 2), int(rng.integers(3, 7))
    t = np.linspace(0, 1, 25)[:, None]
    basis = np.concatenate([(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3], axis=1)
    for stroke in strokes:
        points = (stroke + rng.normal(0, 0.035, stroke.shape) - 0.5) @ turn.T + 0.5 + moved
        curve = (basis @ points) * SIDE
        draw.line([tuple(point) for point in curve.tolist()], fill=ink, width=width)
    return image.convert("RGB")


def write_alphabet(folder: Path, seed: int, *, characters: int = 10, times: int = 12) -> Path:
    """Class folders of one alphabet."""
    rng = np.random.default_rng(seed)
    for c in range(characters):
        strokes = character(rng)
        (folder / f"c{c:02}").mkdir(parents=True, exist_ok=True)
        for i in range(times):
            written(strokes, rng).save(folder / f"c{c:02}" / f"{i}.png")
    return folder
