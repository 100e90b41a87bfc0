"""Which detected boxes lie on the same place of an image, so that one crop shows what they show."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.heads.detection.overlap import pairwise_iou

MIN_SEEN_SCORE = 0.1
"""Boxes of a lower score are not looked at again; with 0.05 twice as many are, for no gain."""

MAX_PLACES = 50
"""Of an image, those of the highest scores."""

SAME = 0.75
"""Intersection over union from which two boxes show the same."""


@dataclass(frozen=True, eq=False, slots=True)
class Places:
    """Places of one image, p of them, for m boxes.

    Parameters
    ----------
    rows
        The box of the highest score of each place, (p,).
    of
        Place of each box, -1 for those that are not looked at, (m,).
    """

    rows: NDArray[np.intp]
    of: NDArray[np.intp]


def find_places(corners: NDArray[np.float32], scores: NDArray[np.float32]) -> Places:
    """Put boxes together that overlap nearly wholly, whatever their classes.

    Parameters
    ----------
    corners
        Of m boxes by falling score, (m, 4).
    scores
        (m,).

    Examples
    --------
    >>> corners = np.float32([[0, 0, 10, 10], [0, 0, 10, 9], [20, 0, 30, 10], [0, 0, 9, 9]])
    >>> found = find_places(corners, np.float32([0.9, 0.8, 0.7, 0.01]))
    >>> found.rows.tolist(), found.of.tolist()
    ([0, 2], [0, 0, 1, -1])
    """
    rows: list[int] = []
    of = np.full(len(scores), -1, np.intp)
    for row in np.flatnonzero(scores >= MIN_SEEN_SCORE):
        if rows:
            shares = pairwise_iou(corners[[row]], corners[rows])[0]
            nearest = int(shares.argmax())
            if shares[nearest] >= SAME:
                of[row] = nearest
                continue
        if len(rows) < MAX_PLACES:
            of[row] = len(rows)
            rows.append(int(row))
    return Places(np.array(rows, np.intp), of)
