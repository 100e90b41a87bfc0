"""Folders of drawn shapes, so many of each class."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.conftest import draw
from topwork.settings import FitSettings

PLAIN = FitSettings(backbone="pixels", baselines=False)


def draw_folders(folder: Path, seed: int, **classes: int) -> Path:
    """Class folders; a class called ``discs_x`` holds discs."""
    rng = np.random.default_rng(seed)
    for name, n in classes.items():
        (folder / name).mkdir(parents=True)
        for i in range(n):
            draw(name.partition("_")[0], rng).save(folder / name / f"{i:03}.png")
    return folder
