"""How alike two images are once one is turned, sheared, scaled and moved to fit the other."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from topwork.quality.images.orientations import lay
from topwork.quality.images.thumbnails import SIDE
from topwork.runtime.parallel import side_by_side

Stack = NDArray[np.float32]

_COARSE, _FINE = (16, 5, 0.7), (32, 3)
"""Pixels a side and steps, and the correlation that makes the finer level worth while. More steps
changed the correlations of copies by 0.0002."""

_STEP = 0.15
_LARGEST_SCALE = 1.6
_LARGEST_SHIFT = 0.6
"""Of half a side."""

_MIN_COVER = 0.6
"""Of the window in which an image is compared."""

_WINDOW = 0.6
"""Standard deviation, in half sides: what is filled in at the edges of a copy counts less."""

_SOFTNESS = 0.75
_CHUNK = 128


def registered_correlation(
    thumbnails: NDArray[np.uint8],
    first: NDArray[np.intp],
    second: NDArray[np.intp],
    ways: NDArray[np.bool_],
) -> Stack:
    """Correlate images after the best affine transformation of one onto the other.

    The first of a pair is laid in each of its ways, and the best of these is kept; then the six
    numbers of an affine transformation are found by the Gauss-Newton method of Lucas and Kanade in
    its inverse compositional form, from coarse to fine (Baker and Matthews 2004, "Lucas-Kanade 20
    years on", section 3), for all pairs at once. Brightness and contrast cancel; the middle of a
    image counts more than its edges.

    Parameters
    ----------
    thumbnails
        uint8 (n, 64, 64).
    first, second
        Positions of the m pairs.
    ways
        (m, 8): which ways of laying the first are tried, at least one; see
        `topwork.quality.images.orientations.lay`.

    Returns
    -------
    numpy.ndarray
        float32 (m,), from -1 to 1.

    Examples
    --------
    >>> y, x = np.mgrid[:64, :64] / 10
    >>> image = (127 + 60 * np.sin(x * x) + 60 * np.sin(y * x)).astype(np.uint8)
    >>> both, pair = np.stack([image, np.roll(image.T, 3, axis=1)]), np.array([0])
    >>> bool(registered_correlation(both, pair, pair + 1, np.ones((1, 8), bool))[0] > 0.97)
    True
    """

    def chunk(start: int) -> Stack:
        part = slice(start, start + _CHUNK)
        return _aligned(thumbnails[first[part]], thumbnails[second[part]], ways[part])

    chunks = side_by_side(chunk, range(0, len(first), _CHUNK))
    return np.concatenate([np.empty(0, np.float32), *chunks])


def refined_correlation(a: Stack, b: Stack, way: NDArray[np.intp], *, steps: int) -> Stack:
    """The same of square images (m, s, s) at the resolution that they have."""
    return _refine(lay(a, way), b, _unmoved(len(a)), steps)[0]


def _aligned(a: NDArray[np.uint8], b: NDArray[np.uint8], ways: NDArray[np.bool_]) -> Stack:
    """All ways at the coarser level, then the best of them at the finer."""
    (coarse, steps, worth), (fine, more_steps) = _COARSE, _FINE
    pair, way = np.nonzero(ways)
    laid = lay(a[pair], way)
    found, warps = _refine(_soft(laid, coarse), _soft(b, coarse)[pair], _unmoved(len(pair)), steps)
    # the best way of each pair is the first of it
    order = np.lexsort((-found, pair))
    best = order[np.searchsorted(pair[order], np.arange(len(a)))]
    score = found[best]
    alive = np.flatnonzero(score >= worth)
    if len(alive):
        chosen = best[alive]
        score[alive] = _refine(
            _soft(laid[chosen], fine), _soft(b[alive], fine), warps[chosen], more_steps
        )[0]
    return score


def _unmoved(m: int) -> Stack:
    """Transformations that change nothing, (m, 2, 3)."""
    return np.tile(np.eye(2, 3, dtype=np.float32), (m, 1, 1))


def _refine(a: Stack, b: Stack, warp: Stack, steps: int) -> tuple[Stack, Stack]:
    """Transform ``a`` until it fits ``b``; the best correlation on the way, and where."""
    size = a.shape[1]
    window, grid = _window(size), _grid(size)
    slopes, inverse = _slopes(b, window, grid)
    best, best_warp = np.full(len(a), -1.0, np.float32), warp
    fixed = b.reshape(len(b), -1)
    for step in range(steps + 1):
        moved, inside = _sample(a, warp, grid)
        weight = inside * window
        left, _ = _standard(moved, weight)
        right, length = _standard(fixed, weight)
        covered = weight.sum(axis=1) >= _MIN_COVER * window.sum()
        score = np.where(covered, (left * right * weight).sum(axis=1), -1.0).astype(np.float32)
        better = score > best
        best = np.where(better, score, best)
        best_warp = np.where(better[:, None, None], warp, best_warp)
        if step < steps:
            rest = (left - right) * weight * length[:, None]
            change = (inverse @ (slopes @ rest[:, :, None]))[:, :, 0].clip(-_STEP, _STEP)
            warp = _composed(warp, change.reshape(-1, 2, 3))
    return best, best_warp


def _composed(warp: Stack, change: Stack) -> Stack:
    """A transformation after the inverse of a small change, within what augmentation does."""
    full = np.tile(np.eye(3, dtype=np.float32), (2, len(warp), 1, 1))
    full[0, :, :2] = warp
    full[1, :, :2] += change
    out: Stack = (full[0] @ np.linalg.inv(full[1]))[:, :2].astype(np.float32)
    out[:, :, :2] = out[:, :, :2].clip(-_LARGEST_SCALE, _LARGEST_SCALE)
    out[:, :, 2] = out[:, :, 2].clip(-_LARGEST_SHIFT, _LARGEST_SHIFT)
    return out


def _slopes(b: Stack, window: Stack, grid: Stack) -> tuple[Stack, Stack]:
    """How ``b`` changes with the six numbers (m, 6, pixels), and the inverse Gram matrix.

    What brightness and contrast could explain is taken out.
    """
    size = b.shape[1]
    down, across = (
        change.reshape(len(b), 1, -1) * np.float32(size / 2)
        for change in np.gradient(b, axis=(1, 2))
    )
    slopes = np.concatenate([across * grid, down * grid], axis=1)
    share = window / window.sum()
    flat = b.reshape(len(b), -1)
    flat = flat - (flat * share).sum(axis=1, keepdims=True)
    unit = flat / np.sqrt((flat * flat * share).sum(axis=1, keepdims=True) + 1e-6)
    slopes -= (slopes * share).sum(axis=2, keepdims=True)
    slopes -= ((slopes * share) @ unit[:, :, None]) * unit[:, None, :]
    gram = (slopes * window) @ slopes.transpose(0, 2, 1)
    # an image of stripes says nothing about a shift along them
    ridge = 1e-3 * np.trace(gram, axis1=1, axis2=2) + 1e-3
    inverse = np.linalg.inv(gram + ridge[:, None, None] * np.eye(6, dtype=np.float32))
    return slopes, inverse.astype(np.float32)


def _sample(a: Stack, warp: Stack, grid: Stack) -> tuple[Stack, Stack]:
    """Interpolate ``a`` linearly where the grid goes, (m, pixels), and what lies inside of it."""
    m, size = a.shape[:2]
    place = (warp @ grid + 1) * np.float32(size / 2) - np.float32(0.5)
    inside = ((place > -0.6) & (place < size - 0.4)).all(axis=1)
    place = place.clip(0, size - 1.001)
    low = place.astype(np.int32)
    across, down = (place - low).transpose(1, 0, 2)
    corner = np.arange(m, dtype=np.int32)[:, None] * (size * size) + low[:, 1] * size + low[:, 0]
    flat = a.reshape(-1)
    above = flat[corner] * (1 - across) + flat[corner + 1] * across
    below = flat[corner + size] * (1 - across) + flat[corner + size + 1] * across
    sampled: Stack = (above * (1 - down) + below * down).astype(np.float32)
    return sampled, inside.astype(np.float32)


def _standard(images: Stack, weight: Stack) -> tuple[Stack, Stack]:
    """Centre and scale to unit length under the weights; and the lengths (m,)."""
    total = np.maximum(weight.sum(axis=1), 1e-6)
    centred = images - ((images * weight).sum(axis=1) / total)[:, None]
    length = np.sqrt((centred * centred * weight).sum(axis=1))
    return centred / np.maximum(length, 1e-2)[:, None], length


@cache
def _grid(size: int) -> Stack:
    """Places of the pixels from -1 to 1, and ones: (3, pixels)."""
    u = (np.arange(size, dtype=np.float32) + np.float32(0.5)) / np.float32(size) * 2 - 1
    y, x = np.meshgrid(u, u, indexing="ij")
    return np.stack([x.ravel(), y.ravel(), np.ones(size * size, np.float32)])


@cache
def _window(size: int) -> Stack:
    x, y, _ = _grid(size)
    window: Stack = np.exp(-0.5 * (x**2 + y**2) / _WINDOW**2).astype(np.float32)
    return window


def _soft(images: NDArray[np.uint8], size: int) -> Stack:
    """The images (m, 64, 64) at a resolution, softened: sharpness differs between copies."""
    shrink = _shrink(size)
    soft: Stack = shrink @ images.astype(np.float32) @ shrink.T
    return soft


@cache
def _shrink(size: int) -> Stack:
    """Average blocks, then blur by a Gaussian: (size, 64)."""
    blocks = np.repeat(np.eye(size), SIDE // size, axis=1) * (size / SIDE)
    pixel = np.arange(size)
    blur = np.exp(-0.5 * ((pixel[:, None] - pixel) / _SOFTNESS) ** 2)
    blur[blur < 1e-8] = 0
    blur /= blur.sum(axis=1, keepdims=True)
    shrink: Stack = (blur @ blocks).astype(np.float32)
    return shrink
