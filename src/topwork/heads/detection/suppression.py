"""Which of many overlapping boxes remain: non-maximum suppression, class by class."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from topwork.heads.detection.overlap import box_areas

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]

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
    rows, classes = _best(rows, classes, scores[rows, classes])
    boxes = corners[rows].astype(np.float64)
    areas = box_areas(boxes)
    of_class = {int(code): np.flatnonzero(classes == code) for code in np.unique(classes)}
    in_class = {code: (boxes[own].T.copy(), areas[own]) for code, own in of_class.items()}
    ranks = dict.fromkeys(of_class, 0)
    gone = np.zeros(len(rows), bool)
    kept: list[int] = []
    for row, code in enumerate(classes.tolist()):
        rank = ranks[code]
        ranks[code] += 1
        if gone[row]:
            continue
        kept.append(row)
        if len(kept) == MAX_BOXES:
            break
        covered = _covered(*in_class[code], rank)
        gone[of_class[code][rank + 1 :][covered]] = True
    return rows[kept], classes[kept]


def _best(
    rows: NDArray[np.intp], classes: NDArray[np.intp], values: Float32
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Those of the highest scores, in their order; equal ones stay as they are."""
    if len(values) > MAX_CANDIDATES:
        high = np.flatnonzero(values >= np.partition(values, -MAX_CANDIDATES)[-MAX_CANDIDATES])
        rows, classes, values = rows[high], classes[high], values[high]
    order = np.argsort(-values, kind="stable")[:MAX_CANDIDATES]
    return rows[order], classes[order]


def _covered(sides: Float64, areas: Float64, rank: int) -> NDArray[np.bool_]:
    """Which boxes behind one overlap it too much; as `overlap` says, with less to compute.

    Parameters
    ----------
    sides
        x1, y1, x2 and y2 of the m boxes of a class, (4, m).
    """
    low, high = sides[:2, rank + 1 :], sides[2:, rank + 1 :]
    inner = np.minimum(high, sides[2:, [rank]]) - np.maximum(low, sides[:2, [rank]])
    width, height = np.maximum(inner, 0.0, out=inner)
    shared = width * height
    union = areas[rank] + areas[rank + 1 :] - shared
    return np.asarray((shared / np.where(shared > 0, union, 1.0)).astype(np.float32) > OVERLAP)
