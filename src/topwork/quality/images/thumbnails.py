"""Small grey images: what pixels are compared by."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from topwork.data import Framing, Item, Modality
from topwork.data.images.image_size import image_size
from topwork.errors import BadItem
from topwork.features.forward import ordered_map

SIDE = 64
"""Of a thumbnail, in pixels. At 32 sketches of thin lines can't be told apart well enough."""

DECODED = Framing(224, 224)
"""What thumbnails are made from: the input that most networks get. Decoding straight to 64 pixels
is faster but depends on the file's size, by more than two different images differ."""

_WINDOW = 64


def thumbnail(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Make a small grey image by averaging areas.

    Exactly: each pixel is doubled, then seven by seven are averaged. Pillow's own box filter takes
    whole pixels, by which copies differ enough to be missed.

    Parameters
    ----------
    pixels
        (224, 224, 3): an image that was decoded as `DECODED` says.

    Returns
    -------
    numpy.ndarray
        uint8 (64, 64); luma of ITU-R BT.601.

    Examples
    --------
    >>> thumbnail(np.full((224, 224, 3), 77, np.uint8)).shape
    (64, 64)
    """
    from PIL import Image

    doubled = (2 * DECODED.width, 2 * DECODED.height)
    grey = Image.fromarray(pixels).convert("L").resize(doubled, Image.Resampling.NEAREST)
    return np.asarray(grey.reduce(doubled[0] // SIDE))


def measure(items: Sequence[Item], *, kind: Modality) -> NDArray[np.int64]:
    """Width and height of items, from their headers: (n, 2); 0 where one can't be read."""

    def one(item: Item) -> tuple[int, int]:
        try:
            return image_size(kind.read(item))
        except BadItem:
            return 0, 0

    sizes = list(ordered_map(one, items, window=_WINDOW))
    return np.array(sizes, np.int64).reshape(len(items), 2)
