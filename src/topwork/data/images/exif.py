"""The orientation that a camera wrote beside its pixels (Exif 2.32, tag 0x0112)."""

from __future__ import annotations

import struct

_PREFIX = b"Exif\0\0"
_ORIENTATION = 0x0112
# Cameras write the segment first; behind this many bytes it is somebody's pixels.
_HEAD = 1 << 18


def orientation(exif: bytes) -> int:
    """Read the orientation, 1 to 8, out of an Exif block; 1 where there is none.

    Pillow's own reader warns about broken blocks; here they simply say nothing.

    Examples
    --------
    >>> orientation(b"MM\\0*" + bytes([0, 0, 0, 8, 0, 1, 1, 18, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0]))
    6
    """
    block = exif.removeprefix(_PREFIX)
    order = {b"II": "<", b"MM": ">"}.get(block[:2])
    if order is None:
        return 1
    try:
        (start,) = struct.unpack_from(order + "4xL", block)
        (count,) = struct.unpack_from(order + "H", block, start)
        for position in range(start + 2, start + 2 + 12 * count, 12):
            tag, _, _, value = struct.unpack_from(order + "HHLH", block, position)
            if tag == _ORIENTATION:
                return value if 1 <= value <= 8 else 1
    except struct.error:
        pass
    return 1


def jpeg_orientation(data: bytes) -> int:
    """Read the orientation of a JPEG file without walking through its segments."""
    start = data.find(_PREFIX, 0, _HEAD)
    if start < 4 or data[start - 4 : start - 2] != b"\xff\xe1":
        return 1
    length = int.from_bytes(data[start - 2 : start], "big")
    return orientation(data[start : start - 2 + length])
