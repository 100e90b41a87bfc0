"""Small images inside the page."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Annotated, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import StringConstraints

from topwork.errors import ParameterError

if TYPE_CHECKING:
    from PIL import Image

LONGEST_URI: Final = 16_000
"""Characters that an image may take, so that a page full of them stays below 5 MB."""

DataUri = Annotated[
    str,
    StringConstraints(
        pattern=r"^data:image/(jpeg|png);base64,[A-Za-z0-9+/]+={0,2}$", max_length=LONGEST_URI
    ),
]
"""An image that needs no request."""

_QUALITIES: Final = (80, 65, 50, 35)
_MARK: Final = (255, 196, 0)


def thumbnail_data_uri(rgb: NDArray[np.uint8], side: int = 96) -> str:
    """An image as a small JPEG data URI; its longer side is at most ``side`` pixels.

    Where an image is too rich for `LONGEST_URI`, its quality and then its size give way.

    Parameters
    ----------
    rgb
        ``(h, w, 3)``, uint8.

    Raises
    ------
    ParameterError
        The array has another shape or type.

    Examples
    --------
    >>> thumbnail_data_uri(np.zeros((300, 200, 3), np.uint8))[:23]
    'data:image/jpeg;base64,'
    """
    from PIL import Image

    if rgb.ndim != 3 or rgb.shape[2] != 3 or 0 in rgb.shape or rgb.dtype != np.uint8:
        raise ParameterError(
            f"rgb is {rgb.dtype} of shape {rgb.shape}, not uint8 of shape (h, w, 3).",
            remedy="Give a decoded image.",
        )
    image = Image.fromarray(rgb)
    image.thumbnail((side, side), Image.Resampling.BOX, reducing_gap=2.0)
    return _fitting_uri(image)


def saliency_data_uri(
    rgb: NDArray[np.uint8], saliency: NDArray[np.floating], side: int = 96
) -> str:
    """A thumbnail in grey on which the salient places glow.

    Parameters
    ----------
    rgb
        ``(h, w, 3)``, uint8.
    saliency
        ``(h, w)`` or coarser, of any range; larger is more salient.

    Raises
    ------
    ParameterError
        The map is not two-dimensional.
    """
    from PIL import Image

    if saliency.ndim != 2 or saliency.size == 0:
        raise ParameterError(
            f"saliency has shape {saliency.shape}, not (h, w).",
            remedy="Give one number for each place of the image.",
        )
    heat = np.nan_to_num(np.asarray(saliency, np.float64))
    heat = (heat - heat.min()) / max(float(np.ptp(heat)), 1e-12)
    image = Image.fromarray(np.uint8(255 * heat)).resize(
        (rgb.shape[1], rgb.shape[0]), Image.Resampling.BICUBIC
    )
    strength = 0.75 * np.asarray(image, np.float64)[..., None] / 255
    grey = rgb.mean(axis=2, keepdims=True)
    glowing = grey * (1 - strength) + strength * np.array(_MARK)
    return thumbnail_data_uri(glowing.astype(np.uint8), side)


def _fitting_uri(image: Image.Image) -> str:
    for quality in _QUALITIES:
        uri = _uri(image, quality)
        if len(uri) <= LONGEST_URI:
            return uri
    return _fitting_uri(image.resize((max(1, image.width * 3 // 4), max(1, image.height * 3 // 4))))


def _uri(image: Image.Image, quality: int) -> str:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality, optimize=True)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()
