"""Pixels that are already in memory: arrays and PIL images."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

from topwork.data.colour import to_rgb, upright_rgb
from topwork.data.item import Content
from topwork.data.limits import check_pixels
from topwork.data.pillow import decoding
from topwork.data.pixel_range import stretch
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


def read_pil(image: Image) -> Content:
    """Convert a PIL image to upright RGB and name its content.

    Raises
    ------
    topwork.errors.BadItem
        ``too_many_pixels``, or ``truncated`` and ``corrupt`` where the image is loaded only now.
    """
    with decoding():
        check_pixels(*image.size)
        image.load()
        pixels = np.asarray(upright_rgb(image))
    return Content(_key(pixels, b"pil"), pixels)


def array_to_rgb(values: np.ndarray) -> Image:
    """Convert an array that `read_array` let pass.

    uint8 stays as it is, bool becomes 0 and 255, floats within 0 and 1 are multiplied by 255;
    any other numbers are scaled by the array's own range, with a warning. Alpha, the fourth
    channel, is laid over white.
    """
    from PIL import Image

    pixels = values if values.dtype == np.uint8 else _to_bytes(values)
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[..., 0]
    return to_rgb(Image.fromarray(np.ascontiguousarray(pixels)))


def _check(values: np.ndarray) -> None:
    shape, kind = values.shape, values.dtype.kind
    if not (len(shape) == 2 or (len(shape) == 3 and shape[2] in (1, 3, 4))):
        first = len(shape) == 3 and shape[0] in (1, 3, 4)
        hint = "; channels must come last" if first else ""
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


def _to_bytes(values: np.ndarray) -> np.ndarray:
    if values.dtype.kind == "b":
        return values.astype(np.uint8) * 255
    if values.dtype.kind == "f" and values.min() >= 0 and values.max() <= 1:
        return np.rint(values.astype(np.float64) * 255).astype(np.uint8)
    if values.ndim == 3 and values.shape[2] == 4:
        return np.dstack([stretch(values[..., :3]), _alpha_to_bytes(values[..., 3])])
    return stretch(values)


def _alpha_to_bytes(alpha: np.ndarray) -> np.ndarray:
    """Scale alpha by what full opacity must be: 1, 255, 65535 or the largest number there is."""
    largest = float(alpha.max())
    full = next((top for top in (1.0, 255.0, 65535.0) if largest <= top), largest)
    return np.rint(np.clip(alpha / full, 0, 1) * 255).astype(np.uint8)
