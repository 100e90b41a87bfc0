"""Whether a file goes as far as it says itself."""

from __future__ import annotations

import zlib
from typing import Literal

from topwork.data.images.formats import Format
from topwork.errors import BadItem

_CRITICAL = (b"IHDR", b"PLTE", b"IDAT")

_TIFF_TYPE_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
# The tags that say how the pixels lie; a comment beyond the end harms nobody.
_TIFF_STRUCTURE = range(254, 348)


def check_png(data: bytes) -> None:
    """Hold every chunk that matters for the pixels against its checksum, up to the last one.

    Pillow skips the checksums of the pixels, and stops reading when it has enough of them.

    Raises
    ------
    topwork.errors.BadItem
        ``truncated`` or ``corrupt``.
    """
    position = 8
    view = memoryview(data)
    while position + 12 <= len(data):
        length = int.from_bytes(view[position : position + 4], "big")
        end = position + 12 + length
        if end > len(data):
            break
        name = bytes(view[position + 4 : position + 8])
        if name == b"IEND":
            return
        expected = int.from_bytes(view[end - 4 : end], "big")
        if name in _CRITICAL and zlib.crc32(view[position + 4 : end - 4]) != expected:
            raise BadItem("corrupt", f"the checksum of its {name.decode()} chunk is wrong")
        position = end
    raise BadItem("truncated", "its last chunk is missing")


def check_tiff(data: bytes) -> None:
    """See that the first directory of a TIFF is there (TIFF 6.0, section 2), BigTIFF apart.

    Raises
    ------
    topwork.errors.BadItem
        ``truncated``.
    """
    order: Literal["little", "big"] = "little" if data[:2] == b"II" else "big"
    if 43 in data[2:4]:
        return
    start = int.from_bytes(data[4:8], order)
    end = start + 2 + 12 * int.from_bytes(data[start : start + 2], order)
    if len(data) < 8 or end > len(data):
        raise BadItem("truncated", "its directory is missing")
    for position in range(start + 2, end, 12):
        entry = data[position : position + 12]
        tag, kind = int.from_bytes(entry[:2], order), int.from_bytes(entry[2:4], order)
        size = _TIFF_TYPE_SIZES.get(kind, 0) * int.from_bytes(entry[4:8], order)
        value = int.from_bytes(entry[8:], order)
        if tag in _TIFF_STRUCTURE and size > 4 and value + size > len(data):
            raise BadItem("truncated", f"its tag {tag} lies beyond its end")


def ends_early(name: Format, data: bytes) -> bool:
    """Tell, for a file that failed to decode, whether its end is missing.

    A PNG, a TIFF and a Netpbm file have been checked by then.
    """
    match name:
        case "JPEG":
            early = not data.rstrip(b"\0").endswith(b"\xff\xd9")
        case "GIF":
            early = not data.rstrip(b"\0").endswith(b";")
        case "WEBP":
            early = len(data) < 8 + int.from_bytes(data[4:8], "little")
        case "BMP":
            early = len(data) < max(54, int.from_bytes(data[2:6], "little"))
        case "AVIF":
            early = _boxes_end_early(data)
        case "PNG" | "TIFF" | "PPM" | "DICOM" | "NIFTI":
            early = False
    return early


def _boxes_end_early(data: bytes) -> bool:
    position = 0
    while position + 8 <= len(data):
        length = int.from_bytes(data[position : position + 4], "big")
        if length == 1:
            length = int.from_bytes(data[position + 8 : position + 16], "big")
        elif length == 0:
            return False
        if length < 8:
            return False
        position += length
    return position != len(data)
