"""Boxes of an unusual size or shape."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

BoxOddity = Literal["tiny", "size", "shape"]

BOX_ODDITIES: Final[dict[BoxOddity, str]] = {
    "tiny": "Its shorter side has fewer than 4 pixels.",
    "size": "Its area is at least 100 times more or less than is usual for its class.",
    "shape": "It is at least 4 times as wide, or as high, as is usual for its class.",
}

TINY: Final = 4.0
"""Pixels of the shorter side."""

_MIN_BOXES: Final = 20
"""Boxes of a class, fewer of which don't say what is usual."""

_AREA, _ASPECT = 100.0, 4.0
_TAILS: Final = (0.02, 0.98)
"""What is far off must also lie outside of this part of the class's boxes."""


def odd_boxes(
    corners: NDArray[np.floating], classes: NDArray[np.integer]
) -> dict[BoxOddity, NDArray[np.intp]]:
    """Give the positions of the odd ones among m boxes, by what is odd about them.

    Parameters
    ----------
    corners
        (m, 4): x1, y1, x2, y2 in pixels.
    classes
        (m,).

    Examples
    --------
    >>> boxes = np.array([[0.0, 0, 40, 30]] * 30 + [[0, 0, 400, 30], [5, 5, 7, 50]])
    >>> odd_boxes(boxes, np.zeros(32, int))["shape"].tolist()
    [30, 31]
    """
    sides = (corners[:, 2:] - corners[:, :2]).astype(np.float64)
    areas, aspects = sides.prod(axis=1), sides[:, 0] / sides[:, 1]
    size, shape = np.zeros(len(sides), bool), np.zeros(len(sides), bool)
    for code in np.unique(classes):
        own = np.flatnonzero(classes == code)
        if len(own) >= _MIN_BOXES:
            size[own] = _is_far(areas[own], _AREA)
            shape[own] = _is_far(aspects[own], _ASPECT)
    return {
        "tiny": np.flatnonzero(sides.min(axis=1, initial=np.inf) < TINY),
        "size": np.flatnonzero(size),
        "shape": np.flatnonzero(shape),
    }


def _is_far(values: NDArray[np.float64], factor: float) -> NDArray[np.bool_]:
    """Whether a value is ``factor`` times off the median, and off nearly all the others."""
    low, middle, high = np.quantile(values, [_TAILS[0], 0.5, _TAILS[1]])
    above = (values >= factor * middle) & (values >= high)
    below = (values <= middle / factor) & (values <= low)
    return np.asarray(above | below)
