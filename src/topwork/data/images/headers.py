"""The size of an image out of its header, where Pillow would tell it too late."""

from __future__ import annotations

from topwork.errors import BadItem


def png_size(data: bytes) -> tuple[int, int]:
    """Width and height out of a PNG header (RFC 2083, section 4.1.1).

    Examples
    --------
    >>> png_size(bytes(12) + b"IHDR" + bytes([0, 0, 1, 0, 0, 0, 0, 9]))
    (256, 9)
    """
    if len(data) < 24:
        raise BadItem("truncated", "its header is incomplete")
    if data[12:16] != b"IHDR":
        raise BadItem("corrupt", "its header is broken")
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")


def gif_size(data: bytes) -> tuple[int, int]:
    """Width and height of the screen that a GIF header describes (GIF89a, section 18)."""
    if len(data) < 10:
        raise BadItem("truncated", "its header is incomplete")
    return int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")


def webp_size(data: bytes) -> tuple[int, int]:
    """Width and height out of a WebP header (RFC 9649, sections 2.5 to 2.7)."""
    kind = data[12:16]
    if kind == b"VP8X" and len(data) >= 30:
        return (
            int.from_bytes(data[24:27], "little") + 1,
            int.from_bytes(data[27:30], "little") + 1,
        )
    if kind == b"VP8L" and len(data) >= 25:
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and len(data) >= 30:
        return (
            int.from_bytes(data[26:28], "little") & 0x3FFF,
            int.from_bytes(data[28:30], "little") & 0x3FFF,
        )
    raise BadItem("truncated" if len(data) < 30 else "corrupt", "its header is broken")
