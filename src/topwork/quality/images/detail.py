"""How much there is in a thumbnail to compare."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from topwork.quality.images.thumbnails import SIDE

FLAT = 3.0
"""Standard deviation, in grey levels, below which an image shows nothing."""

EVEN = 25.0
"""Grey levels that nothing of an image that shows nothing is from its median: noise at most."""

_MEANS_APART = 50.0
_CONTRASTS_APART = 2.0
"""The most that a crop of 5 % at each edge changed contrast by is 1.65, brightness by 38."""
_CHUNK = 4096


def contrast(thumbnails: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Standard deviation of the grey levels, (n,)."""
    return _left_over(thumbnails, degree=0)


def extent(thumbnails: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How far the farthest grey level is from the median one, (n,).

    A small spot on an even ground has hardly any contrast and a large extent.

    Examples
    --------
    >>> spot = np.full((1, 64, 64), 90, np.uint8)
    >>> spot[0, 20, 30:32] = 200
    >>> bool(contrast(spot)[0] > FLAT), extent(spot).tolist()
    (False, [110.0])
    """
    flat = thumbnails.reshape(len(thumbnails), SIDE * SIDE)
    parts = [
        np.abs(rows - np.median(rows, axis=1, keepdims=True)).max(axis=1)
        for rows in (flat[i : i + _CHUNK].astype(np.float32) for i in range(0, len(flat), _CHUNK))
    ]
    return np.concatenate([np.empty(0, np.float32), *parts]).astype(np.float32)


def detail(thumbnails: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Standard deviation of what a quadratic surface doesn't explain, (n,).

    A cloudless sky has contrast but no detail, and is like any other sky.

    Examples
    --------
    >>> sky = np.linspace(90, 180, 64).astype(np.uint8)[None, :, None].repeat(64, axis=2)
    >>> bool(contrast(sky)[0] > 20), bool(detail(sky)[0] < 1)
    (True, True)
    """
    return _left_over(thumbnails, degree=2)


def levels_agree(
    thumbnails: NDArray[np.uint8], first: NDArray[np.intp], second: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """Whether pairs are about as bright and as rich in contrast, (m,).

    Correlation alone would take any edge between two greys for any other.
    """
    means = np.concatenate([part.mean(axis=(1, 2)) for part in _chunks(thumbnails)])
    spreads = np.maximum(contrast(thumbnails), 1e-3)
    ratios = spreads[first] / spreads[second]
    near: NDArray[np.bool_] = np.abs(means[first] - means[second]) <= _MEANS_APART
    alike: NDArray[np.bool_] = np.maximum(ratios, 1 / ratios) <= _CONTRASTS_APART
    return near & alike


def _left_over(thumbnails: NDArray[np.uint8], *, degree: int) -> NDArray[np.float32]:
    surfaces = _surfaces(degree)
    out = [np.empty(0, np.float32)]
    for part in _chunks(thumbnails):
        flat = part.reshape(len(part), SIDE * SIDE).astype(np.float32)
        flat -= (flat @ surfaces) @ surfaces.T
        out.append(np.sqrt(np.mean(flat * flat, axis=1)))
    return np.concatenate(out)


@cache
def _surfaces(degree: int) -> NDArray[np.float32]:
    """An orthonormal basis of the polynomials in x and y up to a degree: (4096, terms)."""
    y, x = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j].reshape(2, -1)
    terms = [x**i * y**j for i in range(degree + 1) for j in range(degree + 1 - i)]
    result: NDArray[np.float32] = np.linalg.qr(np.stack(terms, axis=1))[0].astype(np.float32)
    return result


def _chunks(thumbnails: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    return [thumbnails[start : start + _CHUNK] for start in range(0, len(thumbnails), _CHUNK)]
