"""Pillow images of every mode, brought to upright 8-bit RGB."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from topwork.data.appearance import UNDECIDED, Appearance
from topwork.data.images.exif import orientation
from topwork.data.images.pixel_range import finite_range, scaled, stretch
from topwork.errors import BadItem

if TYPE_CHECKING:
    from PIL import Image

_WITH_ALPHA = ("RGBA", "LA", "PA", "RGBa", "La")


def to_rgb(image: Image.Image, look: Appearance = UNDECIDED) -> Image.Image:
    """Convert a loaded image to RGB.

    Transparency is laid over the background. Modes of more than 8 bits (``I``, ``I;16``, ``F``)
    are scaled by the levels, or by the image's own range. Colour profiles are not applied.

    Raises
    ------
    topwork.errors.BadItem
        ``corrupt``, if none of its numbers is finite.
    """
    if is_deep(image):
        return _from_numbers(np.asarray(image), look)
    if has_alpha(image):
        return _over(image, look.background)
    return image if image.mode == "RGB" else image.convert("RGB")


def has_alpha(image: Image.Image) -> bool:
    """Whether a part of an image may be transparent."""
    return image.mode in _WITH_ALPHA or "transparency" in image.info


def is_deep(image: Image.Image) -> bool:
    """Whether its mode has more than 8 bits per channel."""
    return image.mode.startswith(("I", "F"))


def with_own_range(image: Image.Image, look: Appearance) -> Appearance:
    """The same for every part of an image: its own range where no levels were decided."""
    if not is_deep(image) or look.levels is not None:
        return look
    values = np.asarray(image)
    _check_finite(values)
    low, high = finite_range(values)
    return replace(look, levels=(low, high)) if low < high else look


def _check_finite(values: np.ndarray) -> None:
    if values.dtype.kind == "f" and not np.isfinite(values).any():
        raise BadItem("corrupt", "none of its pixels is a finite number")


def _from_numbers(values: np.ndarray, look: Appearance) -> Image.Image:
    from PIL import Image

    if look.levels is None:
        _check_finite(values)
    return Image.fromarray(to_bytes(values, look)).convert("RGB")


def to_bytes(values: np.ndarray, look: Appearance) -> np.ndarray:
    """Scale numbers of more than 8 bits to uint8, by the levels or by their own range."""
    return stretch(values) if look.levels is None else scaled(values, look.levels)


def _over(image: Image.Image, background: int) -> Image.Image:
    from PIL import Image

    straight = image.convert("LA") if image.mode == "La" else image
    multi_layer = straight.convert("RGBA")
    paper = Image.new("RGB", image.size, (background,) * 3)
    paper.paste(multi_layer, mask=multi_layer.getchannel("A"))
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


def own_turn(image: Image.Image) -> int:
    """The orientation, 1 to 8, that an image's own Exif block asks for.

    A TIFF has been turned by Pillow already and carries no such block.
    """
    exif = image.info.get("exif")
    return orientation(exif) if isinstance(exif, bytes) else 1


def upright_rgb(image: Image.Image, look: Appearance = UNDECIDED) -> Image.Image:
    """Convert a loaded image to RGB and turn it as its own Exif block asks for."""
    return upright(to_rgb(image, look), own_turn(image))


def colours_to_rgb(values: np.ndarray, look: Appearance) -> Image.Image:
    """Convert what `topwork.data.images.deep_colour.deep_colours` gives to RGB."""
    from PIL import Image

    with_alpha = values.shape[2] % 2 == 0
    colours = to_bytes(values[..., :-1] if with_alpha else values, look)
    image = Image.fromarray(colours.repeat(3, 2) if colours.shape[2] == 1 else colours)
    if with_alpha:
        image.putalpha(Image.fromarray((values[..., -1] >> 8).astype(np.uint8)))
    return to_rgb(image, look)
