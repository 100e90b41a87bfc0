"""How large an image is, without decoding it."""

from __future__ import annotations

import numpy as np

from topwork.data.images.colour import own_turn
from topwork.data.images.exif import jpeg_orientation
from topwork.data.images.formats import sniff
from topwork.data.images.medical.decoding import medical_size
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
    if name in ("DICOM", "NIFTI"):
        return medical_size(name, data)
    image = open_image(name, data)
    width, height = image.size
    turn = jpeg_orientation(data) if name == "JPEG" else own_turn(image)
    return (height, width) if turn >= 5 else (width, height)
