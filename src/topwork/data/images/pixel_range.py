"""Pixels of more than eight bits, brought to eight."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_Floats = NDArray[np.floating[Any]]

_AT_ONCE: Final = 1 << 20
"""Numbers that are scaled at a time: what lies between them and the bytes is larger."""


def stretch(values: np.ndarray) -> np.ndarray:
    """Scale numbers so that their smallest becomes 0 and their largest 255.

    NaN becomes 0 and infinities the ends of the finite range; numbers that are all the same become
    0.

    Parameters
    ----------
    values
        Numbers of any shape and type, at least one of them finite.

    Returns
    -------
    numpy.ndarray
        uint8 of the same shape.

    Examples
    --------
    >>> stretch(np.array([100, 200, 4095]))
    array([  0,   6, 255], dtype=uint8)
    """
    return scaled(values, finite_range(values))


def scaled(values: np.ndarray, levels: tuple[float, float]) -> np.ndarray:
    """Scale numbers so that the first level becomes 0 and the second 255; what lies beyond, too.

    Examples
    --------
    >>> scaled(np.array([100, 200, 4095]), (100, 1000))
    array([  0,  28, 255], dtype=uint8)
    """
    low, high = levels
    out = np.zeros(values.shape, np.uint8)
    if high == low:
        return out
    small = values.dtype.kind in "ui" and values.dtype.itemsize <= 2
    numbers, bytes_ = np.ascontiguousarray(values).reshape(-1), out.reshape(-1)
    for start in range(0, numbers.size, _AT_ONCE):
        part: _Floats = numbers[start : start + _AT_ONCE].astype(
            np.float32 if small else np.float64
        )
        bytes_[start : start + _AT_ONCE] = _to_bytes(part, low, high)
    return out


def _to_bytes(numbers: _Floats, low: float, high: float) -> NDArray[np.float64]:
    if high - low == np.inf:
        numbers, low, high = numbers / 4, low / 4, high / 4
    numbers = np.clip(np.nan_to_num(numbers, nan=low, posinf=high, neginf=low), low, high)
    result: NDArray[np.float64] = np.rint((numbers - low) / (high - low) * 255)
    return result


def finite_range(values: np.ndarray) -> tuple[float, float]:
    """The smallest and the largest of the numbers that are finite."""
    low, high = float(values.min()), float(values.max())
    if np.isfinite(low) and np.isfinite(high):
        return low, high
    finite = values[np.isfinite(values)]
    return float(finite.min()), float(finite.max())
