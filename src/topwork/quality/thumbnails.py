"""Small grey pictures: what pixels are compared by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from topwork.data import Framing, Item, ItemKind
from topwork.data.picture_size import picture_size
from topwork.errors import BadItem
from topwork.features.forward import Progress, ordered_map, silent

SIDE = 64
"""Of a thumbnail, in pixels. At 32 sketches of thin lines can't be told apart well enough."""

DECODED = Framing(224, 224)
"""What thumbnails are made from: the input that most networks get. Decoding straight to 64 pixels
is faster but depends on the file's size, by more than two different pictures differ."""

_WINDOW = 64


def thumbnail(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Make a small grey picture by averaging areas.

    Parameters
    ----------
    pixels
        (h, w, 3): a decoded picture, such as the input of a network.

    Returns
    -------
    numpy.ndarray
        uint8 (64, 64); luma of ITU-R BT.601.

    Examples
    --------
    >>> thumbnail(np.full((224, 200, 3), 77, np.uint8)).shape
    (64, 64)
    """
    height, width, _ = pixels.shape
    weights = np.array([0.299, 0.587, 0.114], np.float32)
    grey = pixels.astype(np.float32) @ weights
    small = _areas(height) @ grey @ _areas(width).T
    result: NDArray[np.uint8] = np.rint(small).clip(0, 255).astype(np.uint8)
    return result


@cache
def _areas(size: int) -> NDArray[np.float32]:
    """How much of each of ``size`` pixels goes into each pixel of a thumbnail: (64, size)."""
    edges = np.arange(SIDE + 1) * size / SIDE
    pixel = np.arange(size)
    share = np.minimum(edges[1:, None], pixel + 1) - np.maximum(edges[:-1, None], pixel)
    share = share.clip(0, None)
    result: NDArray[np.float32] = (share / share.sum(axis=1, keepdims=True)).astype(np.float32)
    return result


@dataclass(frozen=True, eq=False)
class Looks:
    """What n readable items look like.

    Parameters
    ----------
    thumbnails
        uint8 (n, 64, 64).
    sizes
        int64 (n, 2): width and height as shown, in pixels.
    """

    thumbnails: NDArray[np.uint8]
    sizes: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.thumbnails)


def look(items: Sequence[Item], *, kind: ItemKind, progress: Progress = silent) -> Looks:
    """Decode items that are known to be readable and keep what their pixels are compared by.

    4 KB an item stay in memory. An item that can't be read any more becomes a black picture
    without a size.
    """

    def one(item: Item) -> tuple[NDArray[np.uint8], tuple[int, int]]:
        try:
            content = kind.read(item)
            return thumbnail(kind.decode(content, DECODED)), picture_size(content)
        except BadItem:
            return np.zeros((SIDE, SIDE), np.uint8), (0, 0)

    thumbnails = np.empty((len(items), SIDE, SIDE), np.uint8)
    sizes = np.zeros((len(items), 2), np.int64)
    for i, found in enumerate(ordered_map(one, items, window=_WINDOW)):
        thumbnails[i], sizes[i] = found
        progress(i + 1, len(items))
    return Looks(thumbnails, sizes)


def measure(items: Sequence[Item], *, kind: ItemKind) -> NDArray[np.int64]:
    """Width and height of items, from their headers: (n, 2); 0 where one can't be read."""

    def one(item: Item) -> tuple[int, int]:
        try:
            return picture_size(kind.read(item))
        except BadItem:
            return 0, 0

    sizes = list(ordered_map(one, items, window=_WINDOW))
    return np.array(sizes, np.int64).reshape(len(items), 2)
