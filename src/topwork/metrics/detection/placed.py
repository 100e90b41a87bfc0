"""What a detector's raw outputs say of one image, seen as a whole or in overlapping parts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from topwork.data import Framing
from topwork.data.preprocessing.placed_boxes import into_image, visible_part
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
        into_image(one.corners, framing, size) for one, framing in zip(found, framings, strict=True)
    ]
    classes, scores = (
        np.concatenate([getattr(one, name) for one in found]) for name in ("classes", "scores")
    )
    if len(found) == 1:
        return Detections(placed[0], classes, scores)
    cut = [_cut(one, framing, size) for one, framing in zip(found, framings, strict=True)]
    corners = np.concatenate(placed)
    rows, best = merged(corners, classes, scores, np.concatenate(cut))
    return Detections(corners[rows], classes[rows], best)


def _cut(found: Detections, framing: Framing, size: tuple[int, int]) -> NDArray[np.bool_]:
    """Which boxes of a part end at an edge of it that isn't one of the image."""
    window, seen = np.array(framing.window), visible_part(framing, size)
    low = (found.corners[:, :2] <= seen[:2] + _AT_EDGE) & (window[:2] > 0)
    high = (found.corners[:, 2:] >= seen[2:] - _AT_EDGE) & (window[2:] < 1)
    return np.asarray((low | high).any(axis=1))
