"""The header of a Netpbm file: PBM, PGM and PPM."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from topwork.errors import BadItem

_BITMAPS: Final = (b"P1", b"P4")
_BINARY: Final = (b"P4", b"P5", b"P6")
_COLOUR: Final = (b"P3", b"P6")
_GAP: Final = rb"(?:\s|#[^\r\n]*[\r\n])+"
_HEADER: Final = re.compile(rb"(P[1-6])%b(\d{1,9})%b(\d{1,9})" % (_GAP, _GAP))
_LARGEST: Final = re.compile(rb"%b(\d{1,5})" % _GAP)
_WITHIN: Final = 4096
_MAX: Final = 65535


@dataclass(frozen=True, slots=True)
class NetpbmHeader:
    """Kind (``P1`` to ``P6``), pixels, the number that is white, and where the pixels begin."""

    kind: bytes
    width: int
    height: int
    largest: int
    start: int


def netpbm_header(data: bytes) -> NetpbmHeader:
    """Take a header apart.

    Raises
    ------
    topwork.errors.BadItem
        ``corrupt``.

    Examples
    --------
    >>> netpbm_header(b"P5 30 20 4095 ").largest
    4095
    """
    found = _HEADER.match(data, 0, _WITHIN)
    if found is None:
        raise BadItem("corrupt", "its header is broken")
    kind, width, height = found[1], int(found[2]), int(found[3])
    if kind in _BITMAPS:
        return NetpbmHeader(kind, width, height, 1, found.end() + 1)
    most = _LARGEST.match(data, found.end(), found.end() + _WITHIN)
    if most is None or not 0 < int(most[1]) <= _MAX:
        raise BadItem("corrupt", "its header does not say which number is white")
    return NetpbmHeader(kind, width, height, int(most[1]), most.end() + 1)


def check_netpbm(data: bytes) -> None:
    """Hold the bytes that are there against those that the header promises.

    Raises
    ------
    topwork.errors.BadItem
        ``truncated`` or ``corrupt``.
    """
    header = netpbm_header(data)
    if header.kind not in _BINARY:
        return
    if header.kind in _BITMAPS:
        row = -(-header.width // 8)
    else:
        row = header.width * (3 if header.kind in _COLOUR else 1) * (1 + (header.largest > 255))
    if header.start + row * header.height > len(data):
        raise BadItem("truncated", "it has fewer pixels than its header says")
