"""The size and depth that a compressed frame says itself, which decoders would believe."""

from __future__ import annotations

from dataclasses import dataclass

from topwork.errors import BadItem

_NO_FRAME = (0xC4, 0xC8, 0xCC)


@dataclass(frozen=True, slots=True)
class FrameHeader:
    """Width and height in pixels, and bits per channel."""

    width: int
    height: int
    bits: int


def frame_header(frame: bytes) -> FrameHeader | None:
    """Read the header of a JPEG, JPEG-LS or JPEG 2000 stream; None for anything else.

    ITU-T T.81 (B.2.2), T.87 (C.2.2) and T.800 (A.5.1).

    Examples
    --------
    >>> frame_header(bytes.fromhex("ffd8ffe00004aabbffc0000b0c001000200101"))
    FrameHeader(width=32, height=16, bits=12)
    """
    if frame[:4] == b"\xff\x4f\xff\x51":
        return _jpeg_2000(frame)
    at = 2 if frame[:2] == b"\xff\xd8" else len(frame)
    while at + 9 <= len(frame) and frame[at] == 0xFF:
        marker = frame[at + 1]
        if marker == 0xFF:
            at += 1
        elif marker == 0xF7 or (0xC0 <= marker <= 0xCF and marker not in _NO_FRAME):
            height, width = (int.from_bytes(frame[at + i : at + i + 2], "big") for i in (5, 7))
            return FrameHeader(width, height, frame[at + 4])
        else:
            at += 2 + int.from_bytes(frame[at + 2 : at + 4], "big")
    return None


def _jpeg_2000(frame: bytes) -> FrameHeader | None:
    if len(frame) < 43:
        raise BadItem("truncated", "the header of its pixels is incomplete")
    right, bottom, left, top = (int.from_bytes(frame[i : i + 4], "big") for i in (8, 12, 16, 20))
    return FrameHeader(right - left, bottom - top, (frame[42] & 0x7F) + 1)
