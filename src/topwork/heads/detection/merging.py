"""One list of boxes from several overlapping parts of an image."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from topwork.heads.detection.overlap import box_areas
from topwork.heads.detection.suppression import MAX_BOXES, OVERLAP

Float32 = NDArray[np.float32]

COVERED = 0.5
"""Share of a box cut by the edge of its part that a whole one of its class must cover to replace
it: what is left of an object overlaps the whole object by less than suppression asks for."""


def merged(
    corners: Float32, classes: NDArray[np.integer], scores: Float32, cut: NDArray[np.bool_]
) -> NDArray[np.intp]:
    """Rows of the boxes that remain of m, by falling score.

    Of whole boxes of a class that overlap by more than `OVERLAP` the most confident stays. A box
    that the edge of its part has cut goes where a box that stays covers `COVERED` of it, whatever
    their scores.

    Parameters
    ----------
    corners
        ``(m, 4)``, in pixels of the image.
    classes, scores
        ``(m,)``.
    cut
        ``(m,)``: which boxes end where their part of the image does.

    Examples
    --------
    >>> corners = np.float32([[0, 0, 10, 10], [6, 0, 10, 10], [30, 0, 40, 10]])
    >>> cut = np.array([False, True, False])
    >>> merged(corners, np.zeros(3, int), np.float32([0.5, 0.9, 0.7]), cut).tolist()
    [2, 0]
    """
    boxes = corners.astype(np.float64)
    areas = box_areas(boxes)
    kept: list[int] = []
    for row in sorted(range(len(scores)), key=lambda i: (cut[i], -scores[i])):
        own = np.array([other for other in kept if classes[other] == classes[row]], np.intp)
        shared = _shared(boxes[row], boxes[own])
        if cut[row]:
            gone = shared > COVERED * areas[row]
        else:
            gone = shared > OVERLAP * (areas[own] + areas[row] - shared)
        if not gone.any():
            kept.append(row)
    order = np.argsort(-scores[kept], kind="stable")
    return np.array(kept, np.intp)[order][:MAX_BOXES]


def _shared(one: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Area that a box ``(4,)`` has in common with others ``(m, 4)``."""
    low, high = np.maximum(one[:2], others[:, :2]), np.minimum(one[2:], others[:, 2:])
    area: NDArray[np.float64] = np.maximum(high - low, 0.0).prod(axis=1)
    return area
