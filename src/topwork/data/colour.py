"""Pillow images of every mode, brought to upright 8-bit RGB."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from topwork.data.exif import orientation
from topwork.data.pixel_range import stretch
from topwork.errors import BadItem

if TYPE_CHECKING:
    from PIL import Image

_WITH_ALPHA = ("RGBA", "LA", "PA", "RGBa", "La")


def to_rgb(image: Image.Image) -> Image.Image:
    """Convert a loaded image to RGB.

    Transparency is laid over white. Modes of more than 8 bits (``I``, ``I;16``, ``F``) are scaled
    by the image's own range. Colour profiles are not applied.

    Raises
    ------
    topwork.errors.BadItem
        ``corrupt``, if none of its numbers is finite.
    """
    if image.mode.startswith(("I", "F")):
        return _from_numbers(np.asarray(image))
    if image.mode in _WITH_ALPHA or "transparency" in image.info:
        return _over_white(image)
    return image if image.mode == "RGB" else image.convert("RGB")


def _from_numbers(values: np.ndarray) -> Image.Image:
    from PIL import Image

    if values.dtype.kind == "f" and not np.isfinite(values).any():
        raise BadItem("corrupt", "none of its pixels is a finite number")
    return Image.fromarray(stretch(values)).convert("RGB")


def _over_white(image: Image.Image) -> Image.Image:
    from PIL import Image

    straight = image.convert("LA") if image.mode == "La" else image
    layered = straight.convert("RGBA")
    paper = Image.new("RGB", image.size, "white")
    paper.paste(layered, mask=layered.getchannel("A"))
    return paper


def upright(image: Image.Image, turn: int) -> Image.Image:
    """Turn an image as an Exif orientation, 1 to 8, asks for."""
    if turn == 1:
        return image
    from PIL.Image import Transpose

    return image.transpose(
        {
            2: Transpose.FLIP_LEFT_RIGHT,
            3: Transpose.ROTATE_180,
            4: Transpose.FLIP_TOP_BOTTOM,
            5: Transpose.TRANSPOSE,
            6: Transpose.ROTATE_270,
            7: Transpose.TRANSVERSE,
            8: Transpose.ROTATE_90,
        }[turn]
    )


def upright_rgb(image: Image.Image) -> Image.Image:
    """Convert a loaded image to RGB and turn it as its own Exif block asks for.

    A TIFF has been turned by Pillow already and carries no such block.
    """
    exif = image.info.get("exif")
    turn = orientation(exif) if isinstance(exif, bytes) else 1
    return upright(to_rgb(image), turn)
