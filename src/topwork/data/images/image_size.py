"""How large an image is, without decoding it."""

from __future__ import annotations

import numpy as np

from topwork.data.images.exif import jpeg_orientation
from topwork.data.images.formats import sniff
from topwork.data.images.pillow import open_image
from topwork.data.item import Content


def image_size(content: Content) -> tuple[int, int]:
    """Give width and height of an image as it is shown, in pixels.

    Raises
    ------
    topwork.errors.BadItem
        With one of `topwork.data.REASONS`.

    Examples
    --------
    >>> image_size(Content(b"", np.zeros((20, 30), np.uint8)))
    (30, 20)
    """
    data = content.data
    if isinstance(data, np.ndarray):
        return data.shape[1], data.shape[0]
    assert isinstance(data, bytes)
    name = sniff(data)
    width, height = open_image(name, data).size
    turned = name == "JPEG" and jpeg_orientation(data) >= 5
    return (height, width) if turned else (width, height)
