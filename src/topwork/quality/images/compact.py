"""An image in 99 bytes, by which altered copies of it are known again."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from topwork.quality.images.orientations import best_ways_among, laid
from topwork.quality.images.registration import refined_correlation
from topwork.quality.images.relatives import MAX, asked, beyond_random, random_pairs
from topwork.quality.images.thumbnails import SIDE
from topwork.quality.neighbours import unit_rows
from topwork.runtime.parallel import side_by_side

Compact = NDArray[np.int8]

FREQUENCIES = 10
DIMENSIONS = FREQUENCIES * FREQUENCIES - 1
"""Bytes of an image."""

_PIXELS = 16
_STEPS = 8
_NEIGHBOURS = 6
_CHUNK = 256


def compact(thumbnails: NDArray[np.uint8]) -> Compact:
    """The lowest frequencies of images (n, 64, 64) without their constant: int8 (n, 99).

    Examples
    --------
    >>> compact(np.arange(64 * 64).reshape(1, 64, 64).astype(np.uint8)).shape
    (1, 99)
    """
    out = np.empty((len(thumbnails), DIMENSIONS), np.int8)
    waves = _waves(SIDE)
    for start in range(0, len(thumbnails), _CHUNK):
        grey = thumbnails[start : start + _CHUNK].astype(np.float32)
        found = (waves @ grey @ waves.T).reshape(len(grey), -1)[:, 1:]
        largest = np.maximum(np.abs(found).max(axis=1, keepdims=True), 1e-6)
        out[start : start + _CHUNK] = np.rint(found / largest * 127)
    return out


def altered_copies(
    stored: Compact, codes: NDArray[np.integer], others: Compact
) -> NDArray[np.bool_]:
    """Which of m other images look like altered copies of one of n stored ones, (m,).

    The nearest in the best of the eight ways to lay a square are laid over each image by an
    affine transformation; how alike random pairs of the stored ones are after it says how
    alike they must be.

    Parameters
    ----------
    stored, others
        int8 (n, 99) and (m, 99), as `compact` gives them.
    codes
        The class of each stored one (n,).
    """
    if not len(stored) or not len(others):
        return np.zeros(len(others), bool)
    known, sought = (unit_rows(rows.astype(np.float32)) for rows in (stored, others))
    shown, seen = _images(stored), _images(others)
    bound = _bound(known, shown, codes)
    best = np.zeros(len(others), np.float32)
    for block in best_ways_among(sought, known):
        rows = np.arange(block.rows.start, block.rows.stop)
        k = min(_NEIGHBOURS, len(known))
        columns = np.argpartition(-block.hash_similarity, k - 1, axis=1)[:, :k]
        ways = np.take_along_axis(block.way, columns, axis=1).astype(np.intp).ravel()
        found = _registered(seen[np.repeat(rows, k)], shown[columns.ravel()], ways)
        best[rows] = found.reshape(-1, k).max(axis=1)
    result: NDArray[np.bool_] = best >= bound
    return result


def _bound(
    known: NDArray[np.float32], shown: NDArray[np.float32], codes: NDArray[np.integer]
) -> float:
    first, second = random_pairs(codes, np.asarray(known.any(axis=1)))
    if not len(first):
        return MAX
    ways = np.einsum("wmd,md->wm", laid(known[first]), known[second]).argmax(axis=0)
    found = _registered(shown[first], shown[second], ways)
    return float(asked(beyond_random(found)))


def _registered(
    a: NDArray[np.float32], b: NDArray[np.float32], ways: NDArray[np.intp]
) -> NDArray[np.float32]:
    def chunk(start: int) -> NDArray[np.float32]:
        part = slice(start, start + _CHUNK)
        return refined_correlation(a[part], b[part], ways[part], steps=_STEPS)

    chunks = side_by_side(chunk, range(0, len(a), _CHUNK))
    return np.concatenate([np.empty(0, np.float32), *chunks])


def _images(rows: Compact) -> NDArray[np.float32]:
    """What they show, (n, 16, 16)."""
    grid = np.zeros((len(rows), FREQUENCIES * FREQUENCIES), np.float32)
    grid[:, 1:] = rows
    waves = _waves(_PIXELS)
    shown = waves.T @ grid.reshape(-1, FREQUENCIES, FREQUENCIES) @ waves
    return np.asarray(shown, np.float32)


@cache
def _waves(size: int) -> NDArray[np.float32]:
    """The lowest cosines over a side (DCT-II, orthonormal): (frequencies, size)."""
    place = (np.arange(size) + 0.5) / size
    heights = np.full((FREQUENCIES, 1), np.sqrt(2 / size))
    heights[0] = np.sqrt(1 / size)
    waves: NDArray[np.floating] = heights * np.cos(np.pi * np.arange(FREQUENCIES)[:, None] * place)
    return waves.astype(np.float32)
