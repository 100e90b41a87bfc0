"""What a network says of boxes: the means of its maps inside them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]


def region_means(maps: Sequence[Float32], corners: Float32, *, size: tuple[int, int]) -> Float32:
    """Mean of each channel over the cells that a box covers, float32 ``(m, sum of channels)``.

    Parameters
    ----------
    maps
        Of one image, ``(c, h, w)`` each.
    corners
        ``(m, 4)`` in pixels of the network's input.
    size
        Height and width of that input.

    Examples
    --------
    >>> ramp = np.arange(4, dtype=np.float32).reshape(1, 1, 4)
    >>> region_means([ramp], np.float32([[0, 0, 20, 10], [30, 0, 31, 5]]), size=(10, 40)).tolist()
    [[0.5], [3.0]]
    """
    parts = []
    for values in maps:
        _, h, w = values.shape
        sums = np.zeros((len(values), h + 1, w + 1))
        sums[:, 1:, 1:] = values.astype(np.float64).cumsum(axis=1).cumsum(axis=2)
        across, down = w / size[1], h / size[0]
        x1, x2 = _cells(corners[:, 0] * across, corners[:, 2] * across, w)
        y1, y2 = _cells(corners[:, 1] * down, corners[:, 3] * down, h)
        total = sums[:, y2, x2] - sums[:, y1, x2] - sums[:, y2, x1] + sums[:, y1, x1]
        parts.append((total / ((y2 - y1) * (x2 - x1))).T)
    return np.concatenate(parts, axis=1).astype(np.float32)


def pooled(maps: NDArray[np.floating]) -> Float32:
    """Mean of each channel of maps ``(b, c, h, w)``, float32 ``(b, c)``.

    Examples
    --------
    >>> pooled(np.float32([[[[1, 3]], [[2, 2]]]])).tolist()
    [[2.0, 2.0]]
    """
    return np.asarray(maps.mean(axis=(2, 3), dtype=np.float64), np.float32)


def _cells(low: Float32, high: Float32, n: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First cell and the one behind the last of spans, at least one cell each."""
    first = np.clip(np.round(low).astype(np.int64), 0, n - 1)
    return first, np.clip(np.round(high).astype(np.int64), first + 1, n)
