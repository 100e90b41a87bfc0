"""Drawn pictures, with and without a glowing place."""

from __future__ import annotations

from functools import cache

import numpy as np

from topwork.report import (
    saliency_data_uri,
    thumbnail_data_uri,
)


@cache
def _pixels(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:120, :160] / 120
    shape = np.hypot(x - rng.uniform(0.4, 0.9), y - 0.5) < rng.uniform(0.2, 0.4)
    sky = np.stack([x * 90 + 60, y * 80 + 110, 190 - y * 60], axis=2)
    picture = np.where(shape[..., None], rng.uniform(40, 240, 3), sky)
    return np.uint8(np.clip(picture + rng.normal(0, 30, picture.shape), 0, 255))


@cache
def picture(seed: int) -> str:
    """A drawn picture."""
    return thumbnail_data_uri(_pixels(seed % 12))


@cache
def saliency(seed: int) -> str:
    """The same picture with a glowing place."""
    y, x = np.mgrid[:7, :7]
    return saliency_data_uri(_pixels(seed % 12), np.exp(-((x - 3) ** 2 + (y - 3) ** 2) / 4))
