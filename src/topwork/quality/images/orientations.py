"""How alike coarse images are in the best of the eight ways to lay a square."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from topwork.quality.neighbours import BLOCK_BYTES

T = TypeVar("T", bound=np.generic)

WAYS = 8

_CLOSE, _MAX_WAYS = 0.15, 4
"""How much less like the other an image may be in a way that is tried, and how many are."""

_CHUNK = 4096


def laid(perceptual_hashes: NDArray[np.float32]) -> NDArray[np.float32]:
    """The signatures (n, d) of images that are laid in each of the eight ways: (8, n, d).

    Of an image's cosines those of odd frequencies change sign where an axis is turned round, and
    rows become columns where it is laid on its side; so no pixel has to be looked at. Bits of the
    way: 1 turns left and right, 2 turns top and bottom, 4 exchanges rows and columns first.

    Examples
    --------
    >>> from topwork.quality.images.perceptual_hash import perceptual_hashes
    >>> image = np.random.default_rng(0).integers(0, 255, (1, 64, 64)).astype(np.uint8)
    >>> turned = image.transpose(0, 2, 1)[:, :, ::-1]
    >>> a, b = perceptual_hashes(image)[:, 0], perceptual_hashes(turned)[:, 0]
    >>> bool(np.allclose(laid(a)[5], b, atol=1e-3))
    True
    """
    size = math.isqrt(perceptual_hashes.shape[1] + 1)
    flat = np.zeros((len(perceptual_hashes), size * size), np.float32)
    flat[:, 1:] = perceptual_hashes
    grid = flat.reshape(-1, size, size)
    turn = np.where(np.arange(size) % 2, -1, 1).astype(np.float32)
    ways = []
    for way in range(WAYS):
        one = grid.transpose(0, 2, 1) if way & 4 else grid
        one = one * turn[:, None] if way & 2 else one
        one = one * turn if way & 1 else one
        ways.append(one.reshape(len(grid), size * size)[:, 1:])
    return np.stack(ways)


def lay(thumbnails: NDArray[T], way: NDArray[np.intp]) -> NDArray[T]:
    """Lay square images (m, s, s) each in its way, (m,)."""
    bit = [(way & 1 << place).astype(bool)[:, None, None] for place in range(3)]
    out = np.where(bit[2], thumbnails.transpose(0, 2, 1), thumbnails)
    out = np.where(bit[1], out[:, ::-1], out)
    return np.where(bit[0], out[:, :, ::-1], out)


def likely_ways(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.bool_]:
    """The ways in which the first of m pairs is about as like the second as in the best: (m, 8).

    A face or a brain seen from above is much like its mirror image.
    """
    hash_similarity = np.empty((len(first), WAYS), np.float32)
    for start in range(0, len(first), _CHUNK):
        part = slice(start, start + _CHUNK)
        hash_similarity[part] = np.einsum("wmd,md->mw", laid(first[part]), second[part])
    place = (-hash_similarity).argsort(axis=1).argsort(axis=1)
    close = hash_similarity >= hash_similarity.max(axis=1, keepdims=True, initial=-1.0) - _CLOSE
    result: NDArray[np.bool_] = close & (place < _MAX_WAYS)
    return result


@dataclass(frozen=True, eq=False)
class Block:
    """Likeness of some images to all, (b, n), and the way of laying them that it comes from."""

    rows: slice
    hash_similarity: NDArray[np.float32]
    way: NDArray[np.int8]


def best_ways(perceptual_hashes: NDArray[np.float32]) -> Iterator[Block]:
    """Cosines of signatures (n, 63) in the best way, block by block; an item's own is -1."""
    for block in best_ways_among(perceptual_hashes, perceptual_hashes):
        here = np.arange(block.rows.stop - block.rows.start)
        block.hash_similarity[here, block.rows.start + here] = -1.0
        yield block


def best_ways_among(
    queries: NDArray[np.float32], perceptual_hashes: NDArray[np.float32]
) -> Iterator[Block]:
    """The same of queries (m, d), each laid in its best way, with signatures (n, d)."""
    n, ways = len(perceptual_hashes), laid(queries)
    size = max(1, BLOCK_BYTES // (12 * max(n, 1)))
    for start in range(0, len(queries), size):
        best = ways[0, start : start + size] @ perceptual_hashes.T
        way = np.zeros(best.shape, np.int8)
        for number in range(1, WAYS):
            other = ways[number, start : start + size] @ perceptual_hashes.T
            way[other > best] = number
            np.maximum(best, other, out=best)
        yield Block(slice(start, start + len(best)), best, way)
