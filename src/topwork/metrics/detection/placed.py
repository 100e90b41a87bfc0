"""What a detector's raw outputs say of one image, seen as a whole or in overlapping parts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from topwork.data import Framing
from topwork.data.preprocessing.placed_boxes import into_image
from topwork.heads.detection.merging import merged
from topwork.heads.detection.suppression import MIN_SCORE, suppressed
from topwork.metrics.detection.detections import Detections

Float32 = NDArray[np.float32]

_AT_EDGE = 2.0
"""Pixels of the input: a box that ends so near to the edge of a tile is taken to be cut by it."""


def remaining(corners: Float32, scores: Float32, least: float = MIN_SCORE) -> Detections:
    """The boxes that suppression leaves of those of all cells, in pixels of the input.

    Parameters
    ----------
    corners, scores
        ``(N, 4)`` and ``(N, k)``.
    least
        Boxes below this score go.
    """
    rows, classes = suppressed(corners, scores, least=least)
    return Detections.of(corners[rows], classes, scores[rows, classes])


def in_image(
    found: Sequence[Detections], framings: Sequence[Framing], size: tuple[int, int]
) -> Detections:
    """What is in an image, by what is in its p parts.

    Parameters
    ----------
    found
        In each part, in pixels of the input.
    framings
        How each part was seen, not mirrored.
    size
        Width and height of the image.
    """
    placed = [
        Detections(into_image(one.corners, framing, size), one.classes, one.scores)
        for one, framing in zip(found, framings, strict=True)
    ]
    if len(placed) == 1:
        return placed[0]
    cut = [_cut(one, framing, size) for one, framing in zip(placed, framings, strict=True)]
    corners, classes, scores = (
        np.concatenate([getattr(one, name) for one in placed])
        for name in ("corners", "classes", "scores")
    )
    rows = merged(corners, classes, scores, np.concatenate(cut))
    return Detections(corners[rows], classes[rows], scores[rows])


def _cut(found: Detections, framing: Framing, size: tuple[int, int]) -> NDArray[np.bool_]:
    """Which boxes of a part end at an edge of it that isn't one of the image."""
    sides = np.array([*size, *size], np.float32)
    window = np.array(framing.window, np.float32)
    inner = (window > 0) & (window < 1)
    pixel = (window[2] - window[0]) * size[0] / framing.width  # of the input, in those of the image
    near: NDArray[np.bool_] = np.abs(found.corners - window * sides) <= _AT_EDGE * pixel
    beyond = np.concatenate(
        [
            found.corners[:, :2] <= (window * sides)[:2],
            found.corners[:, 2:] >= (window * sides)[2:],
        ],
        axis=1,
    )
    return np.asarray(((near | beyond) & inner).any(axis=1))
