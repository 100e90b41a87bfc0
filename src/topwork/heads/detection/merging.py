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
) -> tuple[NDArray[np.intp], Float32]:
    """Rows of the boxes that remain of m, and their scores, which fall.

    Of whole boxes of a class that overlap by more than `OVERLAP` the most confident stays. A box
    that the edge of its part has cut goes where a box that stays covers `COVERED` of it; that one
    then has the larger of the two scores, because both parts show the same object.

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
    >>> rows, scores = merged(corners, np.zeros(3, int), np.float32([0.5, 0.9, 0.7]), cut)
    >>> rows.tolist(), [f"{score:.1f}" for score in scores]
    ([0, 2], ['0.9', '0.7'])
    """
    found = [np.empty(0, np.intp)]
    best = np.asarray(scores, np.float32).copy()
    for code in np.unique(classes):
        own = np.flatnonzero(classes == code)
        own = own[np.lexsort((-scores[own], cut[own]))]
        kept, best[own] = _of_class(corners[own].astype(np.float64), best[own], cut[own])
        found.append(own[kept])
    rows = np.sort(np.concatenate(found))
    rows = rows[np.argsort(-best[rows], kind="stable")][:MAX_BOXES]
    return rows, best[rows]


def _of_class(
    boxes: NDArray[np.float64], scores: Float32, cut: NDArray[np.bool_]
) -> tuple[NDArray[np.intp], Float32]:
    """Which boxes of one class stay, and their scores: whole ones first, by falling score."""
    areas = box_areas(boxes)
    gone, scores = np.zeros(len(boxes), bool), scores.copy()
    for row in range(len(boxes)):
        if gone[row]:
            continue
        shared = _shared(boxes[row], boxes)
        covered = (shared > COVERED * areas) & cut
        same = (shared > OVERLAP * (areas + areas[row] - shared)) & ~cut
        now = (covered | same) & ~gone
        now[: row + 1] = False
        gone |= now
        scores[row] = max(scores[row], scores[now & cut].max(initial=0.0))
    return np.flatnonzero(~gone), scores


def _shared(one: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Area that a box ``(4,)`` has in common with others ``(m, 4)``."""
    low, high = np.maximum(one[:2], others[:, :2]), np.minimum(one[2:], others[:, 2:])
    area: NDArray[np.float64] = np.maximum(high - low, 0.0).prod(axis=1)
    return area
