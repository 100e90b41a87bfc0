"""How far boxes of one image cover each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def overlaps(first: NDArray[np.floating], second: NDArray[np.floating]) -> NDArray[np.float64]:
    """Intersection over union of every two of m and n boxes, (m, n).

    Parameters
    ----------
    first, second
        (m, 4) and (n, 4): x1, y1, x2, y2 with x1 < x2 and y1 < y2.

    Examples
    --------
    >>> overlaps(np.array([[0.0, 0, 10, 10]]), np.array([[0.0, 0, 10, 10], [0, 0, 10, 5]])).tolist()
    [[1.0, 0.5]]
    """
    a, b = first.astype(np.float64), second.astype(np.float64)
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    common = (high - low).clip(0).prod(axis=2)
    areas = [(boxes[:, 2:] - boxes[:, :2]).prod(axis=1) for boxes in (a, b)]
    return np.asarray(common / (areas[0][:, None] + areas[1][None, :] - common))
