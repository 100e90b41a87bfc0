"""Boxes go where the pixels go, in every view, and back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topwork.data import Framing, ImageBoxes, ImageModality, Item, framing_of
from topwork.data.preprocessing.placed_boxes import boxes_in_view, into_image, into_input
from topwork.data.preprocessing.views import MAX_ZOOM, MIN_ZOOM, zoomed_views
from topwork.errors import ParameterError

FRAMING = Framing(96, 128, "pad")


def marked(width: int, height: int, corners: tuple[int, int, int, int]) -> np.ndarray:
    """A black image with a white box."""
    image = np.zeros((height, width, 3), np.uint8)
    x1, y1, x2, y2 = corners
    image[y1:y2, x1:x2] = 255
    return image


@pytest.mark.parametrize("view", zoomed_views(6))
@pytest.mark.parametrize("size", [(200, 150), (150, 300), (640, 120)])
def test_the_box_lies_where_the_pixels_are(view: str, size: tuple[int, int]) -> None:
    width, height = size
    corners = (width // 3, height // 3, width // 3 + width // 4, height // 3 + height // 4)
    image = marked(width, height, corners)
    kind = ImageModality()
    content = kind.read(Item("drawn", value=image))
    framing = framing_of(view, FRAMING, content.key)
    seen = kind.decode(content, framing)[..., 0]
    boxes = boxes_in_view(ImageBoxes.of([corners], [0]), framing, size)
    rows, columns = np.nonzero(seen > 200)
    assert len(boxes) == (len(rows) > 0)
    if len(boxes) and len(rows) > 50:
        found = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        assert np.abs(boxes.corners[0] - found).max() <= 2.0


@given(st.integers(20, 900), st.integers(20, 900), st.integers(0, 1000))
def test_there_and_back(width: int, height: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    low = rng.uniform(0, 0.6, (5, 2)) * (width, height)
    high = low + rng.uniform(0.1, 0.4, (5, 2)) * (width, height)
    corners = np.concatenate([low, high], axis=1).astype(np.float32)
    placed = into_input(corners, FRAMING, (width, height))
    assert (placed >= -1e-2).all()
    assert (placed <= np.array([128, 96, 128, 96]) + 1e-2).all()
    assert np.allclose(into_image(placed, FRAMING, (width, height)), corners, atol=0.05)


def test_mirrored_boxes_swap_their_sides() -> None:
    box, size = np.float32([[10, 20, 60, 70]]), (128, 96)
    plain = into_input(box, FRAMING, size)
    mirrored = into_input(box, replace(FRAMING, mirrored=True), size)
    assert plain.tolist() == [[10, 20, 60, 70]]
    assert mirrored.tolist() == [[68, 20, 118, 70]]


def test_what_a_view_hardly_shows_teaches_nothing() -> None:
    framing = replace(FRAMING, window=(0.5, 0.0, 1.0, 1.0))
    corners = [(0, 0, 70, 40), (60, 0, 110, 40), (0, 50, 60, 90)]
    boxes = boxes_in_view(ImageBoxes.of(corners, [0, 1, 2]), framing, (128, 96))
    assert boxes.classes.tolist() == [0, 1]
    assert boxes.ignored.tolist() == [True, False]


@given(st.binary(min_size=16, max_size=16))
def test_zooms_are_within_their_bounds_and_the_same_every_time(key: bytes) -> None:
    framing = framing_of("zoom 1", FRAMING, key)
    assert framing == framing_of("zoom 1", FRAMING, key)
    left, top, right, bottom = framing.window
    for side in (right - left, bottom - top):
        assert 0.9 / MAX_ZOOM < side < 1.1 / MIN_ZOOM
    placed = into_input(np.float32([[0, 0, 300, 200]]), framing, (300, 200))
    shown = np.clip(placed, 0, [128, 96, 128, 96])
    assert ((shown[0, 2:] - shown[0, :2]) > 30).all()


def test_only_padded_windows_may_reach_beyond_the_image() -> None:
    assert Framing(8, 8, "pad", window=(-0.2, 0.0, 1.0, 1.2))
    with pytest.raises(ParameterError, match="no part of an image"):
        Framing(8, 8, "squeeze", window=(-0.2, 0.0, 1.0, 1.0))
    with pytest.raises(ParameterError, match="no part of an image"):
        Framing(8, 8, "pad", window=(1.2, 0.0, 1.6, 1.0))
