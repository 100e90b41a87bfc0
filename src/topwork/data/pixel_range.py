"""Pixels of more than eight bits, brought to eight."""

from __future__ import annotations

import threading
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

_Floats = NDArray[np.floating[Any]]

_warned = threading.Event()


class PixelRangeWarning(UserWarning):
    """Images of more than 8 bits were scaled, each by its own range. Given once a process."""


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

    Warns
    -----
    PixelRangeWarning
        The first time in a process.

    Examples
    --------
    >>> with warnings.catch_warnings(action="ignore"):
    ...     stretch(np.array([100, 200, 4095]))
    array([  0,   6, 255], dtype=uint8)
    """
    _warn_once()
    small = values.dtype.kind in "ui" and values.dtype.itemsize <= 2
    numbers: _Floats = values.astype(np.float32 if small else np.float64)
    low, high = _finite_range(numbers)
    if high - low == np.inf:
        numbers, low, high = numbers / 4, low / 4, high / 4
    if high == low:
        return np.zeros(values.shape, np.uint8)
    numbers = np.clip(np.nan_to_num(numbers, nan=low, posinf=high, neginf=low), low, high)
    scaled: np.ndarray = np.rint((numbers - low) / (high - low) * 255).astype(np.uint8)
    return scaled


def _finite_range(numbers: _Floats) -> tuple[float, float]:
    low, high = float(numbers.min()), float(numbers.max())
    if np.isfinite(low) and np.isfinite(high):
        return low, high
    finite = numbers[np.isfinite(numbers)]
    return float(finite.min()), float(finite.max())


def _warn_once() -> None:
    if _warned.is_set():
        return
    _warned.set()
    warnings.warn(
        "Images of more than 8 bits are scaled, each by its own range, so brightness cannot be "
        "compared between them. Convert them to 8 bits yourself to choose another scale.",
        PixelRangeWarning,
        stacklevel=2,
    )
