"""How large an item may be. For images these stand in place of Pillow's own limit."""

from __future__ import annotations

from typing import Final

from topwork.errors import BadItem

MAX_BYTES: Final = 100_000_000
"""Of a file; checked before it is opened."""

MAX_PIXELS: Final = 200_000_000
"""Of an image; checked in its header before anything is decoded."""

MAX_CHARACTERS: Final = 131_072
"""Of a text; what Python's CSV reader takes for one field."""


def check_pixels(width: int, height: int) -> None:
    """Refuse an image whose header promises too many pixels.

    Raises
    ------
    topwork.errors.BadItem
        ``too_many_pixels``; ``corrupt`` where there is none.
    """
    if width < 1 or height < 1:
        raise BadItem("corrupt", f"its header says {width} × {height} pixels")
    if width * height > MAX_PIXELS:
        raise BadItem("too_many_pixels", f"its header says {width} × {height} pixels")
