"""How alike two images are once one is shifted and stretched a little to fit the other."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from topwork.quality.images.thumbnails import SIDE
from topwork.runtime.parallel import side_by_side

Stack = NDArray[np.float32]

REACH = 0.08
"""How far each edge of an image may move, as a part of its side."""

_LEVELS = ((16, 6, 0.85), (32, 4, 0.92), (SIDE, 3, 1.0))
"""Pixels a side, steps, and the correlation that makes the next level worth while: copies
reach 0.95 where different images mostly don't."""

_SOFTNESS = 0.75
_NEGLIGIBLE = 1e-8
"""Smaller weights become zero: in float32 they would be subnormal, and products with them slow."""

_STEP = 0.05
_CHUNK = 128


@dataclass(frozen=True, eq=False)
class Alignment:
    """How m pairs of images fit best.

    Parameters
    ----------
    correlation
        float32 (m,), from -1 to 1; 0 where an image is of one grey.
    edges
        (m, 4): how far the left, right, top and bottom edges of the image that moves go right and
        down to fit the other, as parts of its sides.
    second_moves
        (m,): whether it is the second that moves.
    """

    correlation: Stack
    edges: Stack
    second_moves: NDArray[np.bool_]

    def take(self, rows: NDArray[np.bool_]) -> Alignment:
        """Of some of the pairs."""
        return Alignment(self.correlation[rows], self.edges[rows], self.second_moves[rows])


def aligned_correlation(
    thumbnails: NDArray[np.uint8],
    first: NDArray[np.intp],
    second: NDArray[np.intp],
) -> Stack:
    """Correlate images after the best small shift and stretch of one onto the other: (m,).

    See `aligned`.

    Examples
    --------
    >>> image = np.random.default_rng(0).integers(0, 255, (1, 64, 64)).astype(np.uint8)
    >>> both = np.concatenate([image, image // 2])
    >>> bool(aligned_correlation(both, np.array([0]), np.array([1]))[0] > 0.99)
    True
    """
    return aligned(thumbnails, first, second).correlation


def aligned(
    thumbnails: NDArray[np.uint8],
    first: NDArray[np.intp],
    second: NDArray[np.intp],
) -> Alignment:
    """Fit images by the best small shift and stretch of one onto the other.

    Each edge of an image may move by `REACH`, so crops, and stretched crops, fit. The four edges
    are found by the Gauss-Newton method of Lucas and Kanade in its inverse form, from coarse to
    fine (Baker and Matthews 2004, "Lucas-Kanade 20 years on", section 3), for all pairs at once:
    the transformation is separable, so that it is two matrix products. Brightness and contrast
    cancel. Both directions are tried and the better one counts. Pairs that are far from alike at
    a coarse resolution keep its correlation.

    Parameters
    ----------
    thumbnails
        (n, 64, 64).
    first, second
        Positions of the m pairs.

    Examples
    --------
    >>> y, x = np.mgrid[:64, :64] / 10
    >>> image = (127 + 60 * np.sin(x * x) + 60 * np.sin(y * x))
    >>> moved = np.roll(image, 2, axis=1) * 0.9
    >>> both = np.stack([image, moved]).astype(np.uint8)
    >>> bool(aligned(both, np.array([0]), np.array([1])).correlation[0] > 0.95)
    True
    """

    def chunk(start: int) -> Alignment:
        part = slice(start, start + _CHUNK)
        return _aligned(thumbnails[first[part]], thumbnails[second[part]])

    chunks = side_by_side(chunk, range(0, len(first), _CHUNK))
    none = Alignment(np.empty(0, np.float32), np.empty((0, 4), np.float32), np.empty(0, np.bool_))
    return Alignment(
        *(
            np.concatenate([getattr(one, name) for one in (none, *chunks)])
            for name in ("correlation", "edges", "second_moves")
        )
    )


def softened(thumbnails: NDArray[np.uint8]) -> Stack:
    """Thumbnails (m, 64, 64) as they are compared at the finest level."""
    return _soft(thumbnails, SIDE)


def moved(thumbnails: NDArray[np.uint8], edges: Stack) -> tuple[Stack, Stack]:
    """Softened thumbnails (m, 64, 64) with edges moved (m, 4), and where there was something."""
    return _move(softened(thumbnails), edges, SIDE)


def _aligned(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> Alignment:
    """Both ways at the coarser levels, then the better one at the finest."""
    m = len(first)
    moving, fixed = np.concatenate([first, second]), np.concatenate([second, first])
    score = np.full(2 * m, -1.0, np.float32)
    edges = np.zeros((2 * m, 4), np.float32)
    alive = np.arange(2 * m)
    for size, steps, worth in _LEVELS:
        if size == SIDE:
            better = np.where(score[:m] >= score[m:], np.arange(m), np.arange(m) + m)
            alive = np.intersect1d(alive, better)
            score[(better + m) % (2 * m)] = -1.0
        if not len(alive):
            break
        a, b = _soft(moving[alive], size), _soft(fixed[alive], size)
        score[alive], edges[alive] = _refine(a, b, edges[alive], steps)
        alive = alive[score[alive] >= worth]
    second_moves = score[m:] > score[:m]
    best = np.arange(m) + np.where(second_moves, m, 0)
    return Alignment(score[best], edges[best], second_moves)


def _refine(a: Stack, b: Stack, edges: Stack, steps: int) -> tuple[Stack, Stack]:
    """Move the edges of ``a`` until it fits ``b``; the best correlation on the way, and where."""
    size = a.shape[1]
    slopes, inverse = _slopes(b)
    best, best_edges = np.full(len(a), -1.0, np.float32), edges
    for step in range(steps + 1):
        moved, mask = _move(a, edges, size)
        left, right = _standard(moved, mask), _standard(b, mask)
        score = np.einsum("myx,myx->m", left, right)
        better = score > best
        best = np.where(better, score, best)
        best_edges = np.where(better[:, None], edges, best_edges)
        if step < steps:
            rest = (left - right).reshape(len(a), -1, 1) * _length(b, mask)[:, None, None]
            change = (inverse @ (slopes @ rest))[:, :, 0]
            edges = np.clip(edges - change.clip(-_STEP, _STEP), -REACH, REACH)
    return best, best_edges


def _slopes(b: Stack) -> tuple[Stack, Stack]:
    """How ``b`` changes with each of its four edges (m, 4, pixels), and their inverse Gram matrix.

    What brightness and contrast could explain is taken out.
    """
    size = b.shape[1]
    down, across = np.gradient(b, axis=(1, 2))
    u = _centres(size)
    slopes = np.stack(
        [
            across * (1 - u),
            across * u,
            down * (1 - u)[:, None],
            down * u[:, None],
        ],
        axis=1,
    ).reshape(len(b), 4, -1) * np.float32(size)
    flat = b.reshape(len(b), -1)
    flat = flat - flat.mean(axis=1, keepdims=True)
    length = np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)
    unit = flat / length
    slopes -= slopes.mean(axis=2, keepdims=True)
    slopes -= (slopes @ unit[:, :, None]) * unit[:, None, :]
    gram = slopes @ slopes.transpose(0, 2, 1)
    # an image of stripes says nothing about a shift along them
    ridge = 1e-3 * np.trace(gram, axis1=1, axis2=2) + 1e-3
    inverse = np.linalg.inv(gram + ridge[:, None, None] * np.eye(4, dtype=np.float32))
    return slopes, inverse.astype(np.float32)


def _move(a: Stack, edges: Stack, size: int) -> tuple[Stack, Stack]:
    """Sample ``a`` with its edges moved: (m, size, size), and where there was something."""
    across, mask_x = _sampling(edges[:, 0], edges[:, 1], size)
    down, mask_y = _sampling(edges[:, 2], edges[:, 3], size)
    return np.matmul(down @ a, across.transpose(0, 2, 1)), mask_y[:, :, None] * mask_x[:, None, :]


def _sampling(start: Stack, end: Stack, size: int) -> tuple[Stack, Stack]:
    """Linear interpolation along one axis as matrices (m, size, size), and what lies inside."""
    u = _centres(size)
    place = (start[:, None] * (1 - u) + (1 + end[:, None]) * u) * size - np.float32(0.5)
    inside = (place > -0.51) & (place < size - 0.49)
    place = place.clip(0, size - 1)
    pixel = np.arange(size, dtype=np.float32)
    weights = np.maximum(0, 1 - np.abs(place[:, :, None] - pixel))
    return weights.astype(np.float32), inside.astype(np.float32)


def _standard(images: Stack, mask: Stack) -> Stack:
    """Centre within the mask and scale to unit length; zeros for one grey."""
    centred = _centred(images, mask)
    length = np.sqrt(np.einsum("myx,myx->m", centred, centred))[:, None, None]
    units = np.zeros_like(centred)
    np.divide(centred, length, out=units, where=length > 1e-2)
    return units


def _length(images: Stack, mask: Stack) -> Stack:
    centred = _centred(images, mask)
    length: Stack = np.sqrt(np.einsum("myx,myx->m", centred, centred))
    return length


def _centred(images: Stack, mask: Stack) -> Stack:
    mean = (images * mask).sum(axis=(1, 2)) / mask.sum(axis=(1, 2))
    centred: Stack = (images - mean[:, None, None]) * mask
    return centred


def _centres(size: int) -> Stack:
    return (np.arange(size, dtype=np.float32) + np.float32(0.5)) / np.float32(size)


def _soft(images: NDArray[np.uint8], size: int) -> Stack:
    """The images (m, 64, 64) at a resolution, softened: sharpness differs between copies."""
    shrink = _shrink(size)
    return shrink @ images.astype(np.float32) @ shrink.T


@cache
def _shrink(size: int) -> Stack:
    """Average blocks, then blur by a Gaussian: (size, 64)."""
    blocks = np.repeat(np.eye(size), SIDE // size, axis=1) * (size / SIDE)
    pixel = np.arange(size)
    blur = np.exp(-0.5 * ((pixel[:, None] - pixel) / _SOFTNESS) ** 2)
    blur[blur < _NEGLIGIBLE] = 0
    blur /= blur.sum(axis=1, keepdims=True)
    result: Stack = (blur @ blocks).astype(np.float32)
    return result
