"""What shows next to nothing, and what only shows little."""

from __future__ import annotations

import numpy as np

from topwork.quality.images.oddities import find_oddities

SIZES = np.array([[640, 480]])


def _blank(image: np.ndarray) -> bool:
    found = find_oddities(np.clip(image, 0, 255).astype(np.uint8)[None], SIZES)
    return len(found["blank"]) == 1


def test_two_spots_are_something_to_see() -> None:
    rng = np.random.default_rng(0)
    even = 120 + rng.normal(0, 1.5, (64, 64))
    assert _blank(even)
    spots = even.copy()
    spots[10, 12] = spots[40, 50] = 20
    assert spots.std() < 3
    assert not _blank(spots)


def test_noise_is_not() -> None:
    rng = np.random.default_rng(1)
    assert all(_blank(g + rng.normal(0, 2.5, (64, 64))) for g in (10, 60, 128, 245))
