"""JPEG, decoded at the smallest size that still holds what is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from topwork.data.images.colour import to_rgb, upright
from topwork.data.images.exif import jpeg_orientation
from topwork.data.images.pillow import load, open_image
from topwork.data.limits import check_pixels
from topwork.data.preprocessing.framing import Framing, needed_size, place, render
from topwork.data.preprocessing.strips import room_for

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image

_FAST_SPACES = ("YCbCr", "Gray", "RGB")


def decode_jpeg(data: bytes, framing: Framing) -> np.ndarray:
    """Decode a JPEG file into uint8 (height, width, 3).

    `simplejpeg` decodes what is flawless, `Pillow` judges the rest: it forgives stray bytes and
    refuses a missing end. CMYK is Pillow's too.

    Raises
    ------
    topwork.errors.BadItem
        ``too_many_pixels``, ``truncated`` or ``corrupt``.
    """
    image = _fast(data, framing)
    return _slow(data, framing) if image is None else image


def _fast(data: bytes, framing: Framing) -> np.ndarray | None:
    import simplejpeg
    from PIL import Image

    try:
        height, width, space, _ = simplejpeg.decode_jpeg_header(data)
        if space not in _FAST_SPACES:
            return None
        check_pixels(width, height)
        turn = jpeg_orientation(data)
        down, across = _needed(framing, width, height, turn)
        with room_for(width, height):  # a progressive one is held whole
            pixels = simplejpeg.decode_jpeg(
                data, "RGB", min_height=down, min_width=across, min_factor=1
            )
    except ValueError:
        return None
    return _finish(Image.fromarray(pixels), framing, (width, height), turn)


def _slow(data: bytes, framing: Framing) -> np.ndarray:
    image = open_image("JPEG", data)
    width, height = image.size
    turn = jpeg_orientation(data)
    down, across = _needed(framing, width, height, turn)
    image.draft(None, (across, down))
    with room_for(width, height):
        return _finish(to_rgb(load("JPEG", data, image)), framing, (width, height), turn)


def _needed(framing: Framing, width: int, height: int, turn: int) -> tuple[int, int]:
    """Height and width that the image needs as it lies in the file."""
    if turn < 5:
        across, down = needed_size(place(framing, width, height), width, height)
        return down, across
    return needed_size(place(framing, height, width), height, width)


def _finish(image: Image, framing: Framing, size: tuple[int, int], turn: int) -> np.ndarray:
    if turn >= 5:
        size = size[::-1]
    return render(upright(image, turn), framing, place(framing, *size), size=size)
