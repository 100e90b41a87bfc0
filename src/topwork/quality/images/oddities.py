"""Images that are odd by themselves: blank, very dark, of an unusual size or shape."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from topwork.quality.images.detail import EVEN, FLAT, contrast, extent
from topwork.quality.similarity import Oddity

ODDITIES: Final[dict[Oddity, str]] = {
    "blank": "It shows next to nothing: one grey.",
    "dark": "It is almost black throughout.",
    "tiny": "Its shorter side has fewer than 16 pixels.",
    "size": "It has at least 16 times more or fewer pixels than is usual here.",
    "shape": "It is at least twice as wide, or twice as high, as is usual here.",
}

DARK = 26
"""Grey level of 255 that 95 % of a dark image stay below."""

_BRIGHTEST_PART = 0.95
_TINY = 16
_PIXELS = 16.0
_ASPECT = 2.0
_CHUNK = 4096


def find_oddities(
    thumbnails: NDArray[np.uint8], sizes: NDArray[np.int64]
) -> dict[Oddity, NDArray[np.intp]]:
    """Give the positions of the odd ones among n images, by what is odd about them.

    Examples
    --------
    >>> found = find_oddities(np.zeros((1, 64, 64), np.uint8), np.array([[640, 480]]))
    >>> {name: where.tolist() for name, where in found.items() if len(where)}
    {'blank': [0], 'dark': [0]}
    """
    known = np.asarray((sizes > 0).all(axis=1))
    pixels, aspect = sizes.astype(np.float64).prod(axis=1), np.ones(len(sizes))
    aspect[known] = sizes[known, 0] / sizes[known, 1]
    return {
        "blank": np.flatnonzero(known & _is_blank(thumbnails)),
        "dark": np.flatnonzero(known & _is_dark(thumbnails)),
        "tiny": np.flatnonzero(known & (sizes.min(axis=1, initial=_TINY) < _TINY)),
        "size": np.flatnonzero(_is_far(pixels, known, _PIXELS)),
        "shape": np.flatnonzero(_is_far(aspect, known, _ASPECT)),
    }


def _is_blank(thumbnails: NDArray[np.uint8]) -> NDArray[np.bool_]:
    return (contrast(thumbnails) < FLAT) & (extent(thumbnails) < EVEN)


def _is_dark(thumbnails: NDArray[np.uint8]) -> NDArray[np.bool_]:
    parts = [
        (thumbnails[start : start + _CHUNK] < DARK).mean(axis=(1, 2)) >= _BRIGHTEST_PART
        for start in range(0, len(thumbnails), _CHUNK)
    ]
    return np.concatenate([np.empty(0, np.bool_), *parts])


def _is_far(
    values: NDArray[np.float64], known: NDArray[np.bool_], factor: float
) -> NDArray[np.bool_]:
    """Whether a value is ``factor`` times off the median, and off nine tenths of the others."""
    if not known.any():
        return known
    low, middle, high = np.quantile(values[known], [0.05, 0.5, 0.95])
    above = (values >= factor * middle) & (values > high)
    below = (values <= middle / factor) & (values < low)
    result: NDArray[np.bool_] = known & (above | below)
    return result
