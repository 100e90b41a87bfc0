"""How much boxes overlap."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]


def areas(corners: Float32) -> Float32:
    """Area of each box ``(m, 4)``, ``(m,)``."""
    sides = np.maximum(corners[:, 2:] - corners[:, :2], 0)
    return np.asarray(sides[:, 0] * sides[:, 1], np.float32)


def pairwise_iou(first: Float32, second: Float32) -> Float32:
    """Intersection over union of boxes ``(m, 4)`` with boxes ``(n, 4)``, ``(m, n)``.

    Examples
    --------
    >>> a, b = np.float32([[0, 0, 2, 2]]), np.float32([[1, 0, 3, 2], [5, 5, 6, 6]])
    >>> pairwise_iou(a, b).round(3).tolist()
    [[0.333..., 0.0]]
    """
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    sides = np.maximum(high - low, 0)
    shared = sides[..., 0] * sides[..., 1]
    union = areas(first)[:, None] + areas(second)[None] - shared
    return np.asarray(shared / np.maximum(union, 1e-9), np.float32)
