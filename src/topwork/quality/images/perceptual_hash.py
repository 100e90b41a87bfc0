"""Perceptual hashes: the coarse structure of an image as a short vector."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from topwork.quality.images.thumbnails import SIDE

FREQUENCIES = 8
"""Per axis; the constant is left out."""

DIMENSIONS = FREQUENCIES * FREQUENCIES - 1

WINDOWS: tuple[tuple[float, float, float, float], ...] = (
    (0.0, 1.0, 0.0, 1.0),
    (0.025, 0.975, 0.025, 0.975),
    (0.05, 0.95, 0.05, 0.95),
    (0.0, 0.94, 0.0, 0.94),
    (0.0, 0.94, 0.06, 1.0),
    (0.06, 1.0, 0.0, 0.94),
    (0.06, 1.0, 0.06, 1.0),
)
"""The whole image and small crops of it: left, right, top, bottom as parts of the sides."""

WHOLE, INNER = 0, 2
"""The whole image, and what is left of it when each edge loses 5 %."""

_CHUNK = 4096


def perceptual_hashes(thumbnails: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Describe each image, and small crops of it, by the lowest frequencies.

    The perceptual hash of imagehash and imagededup ("pHash") without its last step, the rounding
    to bits: the cosine of two unit vectors tells more than the bits that differ, is as fast (a
    matrix product) and does not depend on overall brightness and contrast.

    Parameters
    ----------
    thumbnails
        (n, 64, 64).

    Returns
    -------
    numpy.ndarray
        float32 (n, windows, 63), of unit length; zeros for an image of one grey.

    Examples
    --------
    >>> image = np.arange(64 * 64, dtype=np.uint8).reshape(1, 64, 64)
    >>> a, b = perceptual_hashes(image), perceptual_hashes(image // 2)
    >>> a.shape, bool((a[0, 0] @ b[0, 0]) > 0.99)
    ((1, 7, 63), True)
    """
    out = np.empty((len(thumbnails), len(WINDOWS), DIMENSIONS), np.float32)
    for start in range(0, len(thumbnails), _CHUNK):
        grey = thumbnails[start : start + _CHUNK].astype(np.float32)
        for w, (left, right, top, bottom) in enumerate(WINDOWS):
            across, down = _lowest(left, right), _lowest(top, bottom)
            found = (down @ grey @ across.T).reshape(len(grey), -1)[:, 1:]
            out[start : start + _CHUNK, w] = found
    lengths = np.linalg.norm(out, axis=2, keepdims=True)
    units = np.zeros_like(out)
    np.divide(out, lengths, out=units, where=lengths > 1e-3)
    return units


def hash_similarity(
    found: NDArray[np.float32], first: NDArray[np.intp], second: NDArray[np.intp]
) -> NDArray[np.float32]:
    """Compare pairs: the best cosine of one whole image with a crop of the other, (m,).

    Parameters
    ----------
    found
        What `perceptual_hashes` gave, (n, windows, 63).
    first, second
        Positions of the m pairs.
    """
    out = np.empty(len(first), np.float32)
    for start in range(0, len(first), _CHUNK):
        a, b = found[first[start : start + _CHUNK]], found[second[start : start + _CHUNK]]
        there = np.einsum("mwd,md->mw", a, b[:, 0])
        back = np.einsum("mwd,md->mw", b, a[:, 0])
        out[start : start + _CHUNK] = np.maximum(there, back).max(axis=1)
    return out


def _lowest(start: float, end: float) -> NDArray[np.float32]:
    """The lowest cosines over a part of a thumbnail's side: (frequencies, 64).

    Pixels that are only half inside count half (DCT-II of the part).
    """
    pixel = np.arange(SIDE)
    inside = np.clip(np.minimum(end * SIDE, pixel + 1) - np.maximum(start * SIDE, pixel), 0, 1)
    place = ((pixel + 0.5) / SIDE - start) / (end - start)
    waves = np.cos(np.pi * np.arange(FREQUENCIES)[:, None] * place)
    waves *= inside / inside.sum()
    waves[1:] -= waves[1:].sum(axis=1, keepdims=True) * inside / inside.sum()
    result: NDArray[np.float32] = waves.astype(np.float32)
    return result
