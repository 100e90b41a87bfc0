"""Boxes of overlapping parts of an image as one list."""

from __future__ import annotations

import time

import numpy as np
import pytest

from topwork.data import Framing
from topwork.data.preprocessing.placed_boxes import into_input, visible_part
from topwork.data.preprocessing.tiles import tile_windows
from topwork.data.preprocessing.views import framing_of, tiled_views
from topwork.heads.detection.merging import merged
from topwork.metrics.detection import Detections
from topwork.metrics.detection.placed import in_image

INPUT = Framing(200, 300, "pad")


def test_what_a_tile_cuts_yields_to_the_whole_object_whatever_its_score() -> None:
    corners = np.float32([[100, 100, 200, 200], [160, 100, 200, 200], [500, 100, 560, 160]])
    rows, scores = merged(
        corners, np.array([0, 0, 0]), np.float32([0.4, 0.9, 0.6]), np.array([False, True, True])
    )
    assert rows.tolist() == [0, 2]
    assert scores.tolist() == pytest.approx([0.9, 0.6])  # the object is as sure as its surest part


def test_other_classes_do_not_count() -> None:
    corners = np.float32([[0, 0, 10, 10], [0, 0, 10, 10]])
    rows, _ = merged(corners, np.array([0, 1]), np.float32([0.4, 0.9]), np.zeros(2, bool))
    assert rows.tolist() == [1, 0]


def test_many_boxes_take_no_time() -> None:
    rng = np.random.default_rng(0)
    low = rng.uniform(0, 480, (1700, 2))
    corners = np.float32(np.hstack([low, low + 16]))
    begun = time.process_time()
    merged(corners, np.zeros(1700, int), np.float32(rng.random(1700)), rng.random(1700) < 0.2)
    assert time.process_time() - begun < 0.3


@pytest.mark.parametrize("size", [(900, 600), (600, 900), (400, 1600)])
def test_each_object_is_found_once_wherever_it_lies(size: tuple[int, int]) -> None:
    """Seen by every part that shows some of it, cut at the part's edges, with random scores."""
    rng = np.random.default_rng(0)
    views = tiled_views(5, 2)
    framings = [framing_of(view, INPUT, b"") for view in views]
    for _ in range(200):
        x, y = rng.uniform(0, size[0] - 60), rng.uniform(0, size[1] - 60)
        box = np.float32([[x, y, x + 60, y + 60]])
        found = []
        for framing in framings:
            seen = visible_part(framing, size)
            seen = np.clip(into_input(box, framing, size), seen[[0, 1, 0, 1]], seen[[2, 3, 2, 3]])
            sides = seen[0, 2:] - seen[0, :2]
            some = seen if (sides > 1).all() else seen[:0]
            found.append(Detections.of(some, np.zeros(len(some)), rng.random(len(some))))
        (one,) = in_image(found, framings, size).corners
        assert np.abs(one - box[0]).max() < 0.1


def test_tiles_cover_the_image_and_overlap() -> None:
    for tiles in (2, 3, 4):
        windows = np.array(tile_windows(tiles))
        assert windows.min() == 0
        assert windows.max() == 1
        points = np.random.default_rng(1).random((1000, 2))
        inside = (points[:, None] >= windows[:, :2]) & (points[:, None] <= windows[:, 2:])
        assert inside.all(axis=2).any(axis=1).all()
        assert np.allclose(windows[:, 2:] - windows[:, :2], windows[0, 2:])
