"""Which of many overlapping boxes remain: non-maximum suppression, class by class."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from topwork.heads.detection.overlap import pairwise_iou

Float32 = NDArray[np.float32]

MAX_CANDIDATES = 1000
"""Boxes of the highest scores that are looked at."""

MAX_BOXES = 100
"""Boxes that remain per image, as COCO judges them."""

OVERLAP = 0.6
"""Intersection over union above which the less probable box of a class goes."""

MIN_SCORE = 0.01


def suppressed(
    corners: Float32, scores: Float32, *, least: float = MIN_SCORE
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and classes of the boxes that remain, by falling score.

    Parameters
    ----------
    corners
        ``(N, 4)``.
    scores
        Of each class, ``(N, k)``.
    least
        Boxes below this score go.

    Examples
    --------
    >>> corners = np.float32([[0, 0, 10, 10], [0, 0, 10, 9], [20, 0, 30, 10]])
    >>> rows, classes = suppressed(corners, np.float32([[0.9], [0.8], [0.7]]))
    >>> rows.tolist(), classes.tolist()
    ([0, 2], [0, 0])
    """
    rows, classes = np.nonzero(scores >= least)
    values = scores[rows, classes]
    order = np.argsort(-values, kind="stable")[:MAX_CANDIDATES]
    rows, classes = rows[order], classes[order]
    kept: list[int] = []
    alive = np.arange(len(rows))
    while len(alive) and len(kept) < MAX_BOXES:
        best, others = alive[0], alive[1:]
        kept.append(int(best))
        overlap = pairwise_iou(corners[rows[[best]]], corners[rows[others]])[0]
        alive = others[(classes[others] != classes[best]) | (overlap <= OVERLAP)]
    return rows[kept], classes[kept]
