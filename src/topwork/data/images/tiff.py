"""What the directory of a TIFF says of its pixels (TIFF 6.0, sections 2 and 8)."""

from __future__ import annotations

import io
from typing import Any, Final

from topwork.errors import BadItem

BITS: Final = 258
_MEANING, _CHANNELS, _LAYOUT, _FORMAT = 262, 277, 284, 339
_GREY, _BY_PLANE = (0, 1), 2
_MAX_CHANNELS: Final = 4
_NUMBERS: Final = {
    1: "unsigned integers",
    2: "signed integers",
    3: "floating point numbers",
    5: "complex integers",
    6: "complex numbers",
}


def tiff_pages(data: bytes) -> tuple[Any, Any | None]:
    """The tags of the first page of a TIFF and of the second; None where there is none."""
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    file = io.BytesIO(data)
    head = file.read(16 if 43 in data[2:4] else 8)
    first = ImageFileDirectory_v2(head)
    file.seek(first.next)
    first.load(file)
    if not first.next or first.next >= len(data):
        return first, None
    second = ImageFileDirectory_v2(head)
    file.seek(first.next)
    second.load(file)
    return first, second


def check_tiff_pixels(data: bytes) -> None:
    """Refuse what is sound, but no image that can be shown: many channels, wide numbers.

    Raises
    ------
    topwork.errors.BadItem
        ``unsupported_format``, with what was seen.
    """
    try:
        tags, _ = tiff_pages(data)
        n, bits = int(tags.get(_CHANNELS, 1)), int(max(tags.get(BITS, (1,))))
        numbers = int(max(tags.get(_FORMAT, (1,))))
        grey = int(tags.get(_MEANING, 1)) in _GREY
        apart = int(tags.get(_LAYOUT, 1)) == _BY_PLANE
    except Exception:  # a broken directory, of which opening will say what is broken
        return
    if _is_read(n, bits, numbers) and not (grey and n > (1 if apart else 2)):
        return
    kind = _NUMBERS.get(numbers, "unknown numbers")
    many = "1 channel" if n == 1 else f"{n} channels"
    raise BadItem("unsupported_format", f"it is a TIFF of {many} of {bits}-bit {kind}")


def _is_read(n: int, bits: int, numbers: int) -> bool:
    """Whether Pillow knows such pixels: one channel, or colours of bytes or pairs of bytes."""
    if n == 1:
        return (bits <= 32 and numbers in (1, 2, 4)) or (bits == 32 and numbers == 3)
    return n <= _MAX_CHANNELS and bits <= 16 and numbers in (1, 4)
