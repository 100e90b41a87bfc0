"""Pixels that are already in memory: arrays and PIL images."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

from topwork.data.appearance import UNDECIDED, Appearance
from topwork.data.images.colour import is_deep, own_turn, to_bytes, to_rgb, upright, upright_rgb
from topwork.data.images.pillow import decoding
from topwork.data.item import Content
from topwork.data.limits import check_pixels
from topwork.errors import BadItem

if TYPE_CHECKING:
    from PIL.Image import Image


def read_array(values: np.ndarray) -> Content:
    """Check an array and name its content.

    Parameters
    ----------
    values
        Shape (h, w), (h, w, 1), (h, w, 3) or (h, w, 4); bool, integers or floats.

    Raises
    ------
    topwork.errors.BadItem
        ``bad_array`` or ``too_many_pixels``.
    """
    _check(values)
    return Content(_key(values, b"array"), values)


def read_pil(image: Image, look: Appearance = UNDECIDED) -> Content:
    """Convert a PIL image to upright RGB and name its content; numbers are kept as they are.

    Raises
    ------
    topwork.errors.BadItem
        ``too_many_pixels``, or ``truncated`` and ``corrupt`` where the image is loaded only now.
    """
    with decoding():
        check_pixels(*image.size)
        image.load()
        if is_deep(image):
            pixels = np.ascontiguousarray(upright(image, own_turn(image)))
        else:
            pixels = np.asarray(upright_rgb(image, look))
    return Content(_key(pixels, b"pil"), pixels)


def array_to_rgb(values: np.ndarray, look: Appearance = UNDECIDED) -> Image:
    """Convert an array that `read_array` let pass.

    uint8 stays as it is, bool becomes 0 and 255. Other numbers are scaled by the levels; without
    any, floats within 0 and 1 are multiplied by 255, and the rest is scaled by the array's own
    range. Alpha, the fourth channel, is laid over the background.
    """
    from PIL import Image

    pixels = array_to_bytes(values, look)
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[..., 0]
    return to_rgb(Image.fromarray(np.ascontiguousarray(pixels)), look)


def numbers_of(values: np.ndarray) -> np.ndarray:
    """An array of objects that are all numbers as an array of numbers; any other as it is.

    Arrays of several images of one size become such, if they are made with ``dtype=object``. Whole
    numbers within 0 and 255 are taken for bytes.
    """
    if values.dtype != object or values.ndim < 2:
        return values
    try:
        numbers = np.array(values.tolist())
    except ValueError:  # rows of several lengths
        return values
    if numbers.dtype.kind not in "buif":
        return values
    if numbers.dtype.kind in "ui" and numbers.size and 0 <= numbers.min() <= numbers.max() <= 255:
        return numbers.astype(np.uint8)
    return numbers


def _check(values: np.ndarray) -> None:
    shape, kind = values.shape, values.dtype.kind
    if not (len(shape) == 2 or (len(shape) == 3 and shape[2] in (1, 3, 4))):
        first = len(shape) == 3 and shape[0] in (1, 3, 4)
        hint = "; channels must come last: np.moveaxis(image, 0, -1)" if first else ""
        raise BadItem("bad_array", f"its shape is {shape}{hint}")
    if kind not in "buif":
        raise BadItem("bad_array", f"its type is {values.dtype}")
    if min(shape) == 0:
        raise BadItem("bad_array", f"its shape is {shape}: it has no pixels")
    check_pixels(shape[1], shape[0])
    if kind == "f" and not np.isfinite(values).all():
        raise BadItem("bad_array", "it holds NaN or infinity")


def _key(values: np.ndarray, person: bytes) -> bytes:
    digest = blake2b(f"{values.dtype.str}{values.shape}".encode(), digest_size=16, person=person)
    digest.update(np.ascontiguousarray(values).reshape(-1).view(np.uint8).data)
    return digest.digest()


def array_to_bytes(values: np.ndarray, look: Appearance = UNDECIDED) -> np.ndarray:
    """Scale the numbers of an array to uint8, alpha apart."""
    if values.dtype == np.uint8:
        return values
    if values.dtype.kind == "b":
        return values.astype(np.uint8) * 255
    if values.dtype.kind == "f" and values.min() >= 0 and values.max() <= 1 and not look.levels:
        return np.rint(values.astype(np.float64) * 255).astype(np.uint8)
    if values.ndim == 3 and values.shape[2] == 4:
        return np.dstack([to_bytes(values[..., :3], look), _alpha_to_bytes(values[..., 3])])
    return to_bytes(values, look)


def _alpha_to_bytes(alpha: np.ndarray) -> np.ndarray:
    """Scale alpha by what full opacity must be: 1, 255, 65535 or the largest number there is."""
    largest = float(alpha.max())
    full = next((top for top in (1.0, 255.0, 65535.0) if largest <= top), largest)
    return np.rint(np.clip(alpha / full, 0, 1) * 255).astype(np.uint8)
