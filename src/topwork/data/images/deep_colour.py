"""Colours of 16 bits per channel, of which Pillow keeps the high byte alone."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from topwork.data.images.formats import Format
from topwork.data.images.header_facts import header_facts
from topwork.data.images.pillow import load, open_image

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

_MODES: Final = ("RGB", "RGBA", "LA")
_COLOURS: Final = ("RGB;16", "RGBA;16")
_OTHER: Final = {"L": "B", "B": "L", "N": "B" if sys.byteorder == "little" else "L"}
_GREY_AND_ALPHA: Final = "LA;16B"


def is_deep_colour(image: ImageFile, data: bytes) -> bool:
    """Whether a file that was opened, not loaded, holds such colours, or grey with alpha."""
    return image.mode in _MODES and header_facts(data).deep


def deep_colours(name: Format, data: bytes) -> np.ndarray:
    """Read them whole: uint16 (height, width, 2 to 4), alpha last where there is any.

    Where the file's layout is an unusual one (interleaved by plane), the low byte is lost.

    Raises
    ------
    topwork.errors.BadItem
        ``truncated`` or ``corrupt``.
    """
    image = open_image(name, data)
    raw = {_raw_mode(tile.args) for tile in image.tile}
    if raw == {_GREY_AND_ALPHA}:
        return _as_four_bytes(name, data, image)
    high = np.asarray(load(name, data, image)).astype(np.uint16) << 8
    if all(mode[:-1] in _COLOURS for mode in raw):
        # once more, with the order of the bytes exchanged: then the low byte is kept
        low = open_image(name, data)
        low.tile = [tile._replace(args=_exchanged(tile.args)) for tile in low.tile]
        high |= np.asarray(load(name, data, low))
    return high


def _as_four_bytes(name: Format, data: bytes, image: ImageFile) -> np.ndarray:
    image._mode = "RGBA"  # which has as many bytes
    image.tile = [tile._replace(args="RGBA") for tile in image.tile]
    parts = np.asarray(load(name, data, image)).astype(np.uint16)
    return parts[..., ::2] << 8 | parts[..., 1::2]


def _raw_mode(args: object) -> str:
    return str(args[0] if isinstance(args, tuple) else args)


def _exchanged(args: Any) -> tuple[Any, ...] | str:
    raw = _raw_mode(args)
    other = raw[:-1] + _OTHER[raw[-1]]
    return (other, *args[1:]) if isinstance(args, tuple) else other
