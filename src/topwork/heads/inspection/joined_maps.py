"""Maps of several depths at one resolution."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]


def upsampling(n: int, wanted: int) -> Float32:
    """The matrix ``(wanted, n)`` of linear interpolation, with the ends of both at the same place.

    Examples
    --------
    >>> upsampling(2, 4).tolist()
    [[1.0, 0.0], [0.75, 0.25], [0.25, 0.75], [0.0, 1.0]]
    """
    centres = np.clip((np.arange(wanted) + 0.5) * n / wanted - 0.5, 0, n - 1)
    weights = 1 - np.abs(centres[:, None] - np.arange(n))
    return np.asarray(np.clip(weights, 0, 1), np.float32)


def join_maps(maps: Sequence[Float32]) -> Float32:
    """Maps ``(n, c_i, h_i, w_i)`` of several depths as rows ``(n, h * w, c)``, at the first's size.

    Examples
    --------
    >>> join_maps([np.zeros((2, 3, 14, 14), "f"), np.ones((2, 5, 7, 7), "f")]).shape
    (2, 196, 8)
    """
    _, _, height, width = maps[0].shape
    same = [_resized(one, height, width) for one in maps]
    joined = np.concatenate(same, axis=1)
    return np.ascontiguousarray(joined.reshape(*joined.shape[:2], -1).transpose(0, 2, 1))


def _resized(maps: Float32, height: int, width: int) -> Float32:
    _, _, own_height, own_width = maps.shape
    if (own_height, own_width) == (height, width):
        return np.asarray(maps, np.float32)
    down, across = upsampling(own_height, height), upsampling(own_width, width)
    return np.asarray(down @ np.asarray(maps, np.float32) @ across.T, np.float32)
