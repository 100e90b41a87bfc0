"""How large an item may be. For images these stand in place of Pillow's own limit."""

from __future__ import annotations

import os
from typing import Final

from topwork.errors import BadItem, ParameterError

MAX_BYTES: Final = 100_000_000
"""Of a file; checked before it is opened. `BYTES_VARIABLE` changes it."""

MAX_PIXELS: Final = 200_000_000
"""Of an image; checked in its header before anything is decoded. `PIXELS_VARIABLE` changes it."""

MAX_FRAMES: Final = 10_000
"""Of a DICOM file; each may become an item."""

MAX_CHARACTERS: Final = 131_072
"""Of a text; what Python's CSV reader takes for one field."""

BYTES_VARIABLE: Final = "TOPWORK_MAX_BYTES"
PIXELS_VARIABLE: Final = "TOPWORK_MAX_PIXELS"


def check_pixels(width: int, height: int) -> None:
    """Refuse an image whose header promises too many pixels.

    Raises
    ------
    topwork.errors.BadItem
        ``too_many_pixels``; ``corrupt`` where there is none.
    """
    size = f"its header says {width} × {height} pixels"
    if width < 1 or height < 1:
        raise BadItem("corrupt", size)
    most = _limit(PIXELS_VARIABLE, MAX_PIXELS)
    if width * height > most:
        remedy = f"allow it with {PIXELS_VARIABLE}={width * height}"
        raise BadItem("too_many_pixels", f"{size}, the limit is {most:,} in all; {remedy}")


def check_bytes(size: int, most: int | None = None) -> None:
    """Refuse a file of too many bytes.

    Raises
    ------
    topwork.errors.BadItem
        ``too_large``.
    """
    if most is not None and size > most:
        raise BadItem("too_large", f"it has {size / 1e6:.0f} MB")
    most = _limit(BYTES_VARIABLE, MAX_BYTES)
    if size > most:
        remedy = f"allow it with {BYTES_VARIABLE}={size}"
        limit = f"the limit is {most / 1e6:.0f} MB"
        raise BadItem("too_large", f"it has {size / 1e6:.0f} MB, {limit}; {remedy}")


def _limit(variable: str, usual: int) -> int:
    """The limit that the environment sets, or the usual one.

    Raises
    ------
    topwork.errors.ParameterError
        It is no number.
    """
    text = os.environ.get(variable, "")
    if not text:
        return usual
    if not text.isdecimal():
        raise ParameterError(
            f"{variable} is {text!r}, expected a whole number.",
            remedy=f"Unset it for the usual limit of {usual:,}.",
        )
    return int(text)
