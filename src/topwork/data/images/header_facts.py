"""What the header of an image says of it besides its size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from topwork.data.images.formats import Format, sniff
from topwork.data.images.netpbm import netpbm_header
from topwork.data.images.tiff import BITS, tiff_pages
from topwork.errors import BadItem

HEAD: Final = 4096
"""Bytes at the start of a file that are enough for every format but TIFF."""

# Tags of a TIFF (TIFF 6.0, section 8): extra samples, kind of page.
_EXTRA, _PAGE_KIND = 338, 254
_REDUCED = 1


@dataclass(frozen=True, slots=True)
class HeaderFacts:
    """What matters for how an image is shown.

    Parameters
    ----------
    deep
        Whether its channels have more than 8 bits.
    transparent
        Whether a part of it may be transparent.
    pages
        Whether there are more pages or frames than the first.
    """

    deep: bool = False
    transparent: bool = False
    pages: bool = False


NOTHING: Final = HeaderFacts()


def header_facts(data: bytes | np.ndarray) -> HeaderFacts:
    """Look at a file, or at its first bytes unless it is a TIFF, or at an array.

    A broken header says nothing here; decoding will say what is broken.

    Examples
    --------
    >>> header_facts(np.zeros((4, 4), np.uint16))
    HeaderFacts(deep=True, transparent=False, pages=False)
    """
    if isinstance(data, np.ndarray):
        return HeaderFacts(deep=_deep_array(data), transparent=data.shape[2:] == (4,))
    try:
        return _facts(sniff(data[:512]), data)
    except BadItem:
        return NOTHING


def _deep_array(values: np.ndarray) -> bool:
    """Whether its numbers are neither bytes, nor yes and no, nor from 0 to 1."""
    if values.dtype == np.uint8 or values.dtype.kind == "b":
        return False
    return not (values.dtype.kind == "f" and values.min() >= 0 and values.max() <= 1)


def _facts(name: Format, data: bytes) -> HeaderFacts:
    match name:
        case "PNG":
            facts = _png(data)
        case "TIFF":
            facts = _tiff(data)
        case "WEBP":
            facts = _webp(data)
        case "GIF":
            facts = _gif(data)
        case "AVIF" | "BMP":
            facts = HeaderFacts(transparent=True)
        case "PPM":
            facts = HeaderFacts(deep=netpbm_header(data).largest > 255)
        case "JPEG" | "DICOM" | "NIFTI":  # the window of medical images is no range of levels
            facts = NOTHING
    return facts


def _webp(data: bytes) -> HeaderFacts:
    """RFC 9649, section 2.7: flags of the extended header; a lossless one may hold alpha."""
    flags = data[20] if data[12:16] == b"VP8X" and len(data) > 20 else 0
    lossless = data[12:16] == b"VP8L"
    return HeaderFacts(transparent=bool(flags & 0x10) or lossless, pages=bool(flags & 0x02))


def _png(data: bytes) -> HeaderFacts:
    """RFC 2083, section 4.1.1: depth and colour type; the other chunks lie before the pixels."""
    if len(data) < 26:
        return NOTHING
    before = data[: data.find(b"IDAT")] if b"IDAT" in data else data[:HEAD]
    return HeaderFacts(
        deep=data[24] == 16,
        transparent=data[25] in (4, 6) or b"tRNS" in before,
        pages=b"acTL" in before,
    )


def _gif(data: bytes) -> HeaderFacts:
    """GIF89a, sections 18 to 24: blocks up to the second image, or the end of what is here."""
    at, images, transparent = 13 + _colours(data[10:11]), 0, False
    while at < len(data):
        match data[at]:
            case 0x21:  # an extension, of which one says whether a colour is transparent
                control = data[at + 1 : at + 4]
                transparent |= control[:2] == b"\xf9\x04" and bool(control[2:] and control[2] & 1)
                at = _after_blocks(data, at + 2)
            case 0x2C if images:
                return HeaderFacts(transparent=transparent, pages=True)
            case 0x2C:
                images = 1
                at = _after_blocks(data, at + 11 + _colours(data[at + 9 : at + 10]))
            case _:
                break
    return HeaderFacts(transparent=transparent)


def _colours(flags: bytes) -> int:
    """Bytes of the table of colours that follows, if one does."""
    return 3 << ((flags[0] & 7) + 1) if flags and flags[0] & 0x80 else 0


def _after_blocks(data: bytes, at: int) -> int:
    """Where a chain of blocks, each behind its length, has ended."""
    while at < len(data) and data[at]:
        at += 1 + data[at]
    return at + 1


def _tiff(data: bytes) -> HeaderFacts:
    try:
        first, second = tiff_pages(data)
    except Exception:  # Pillow lets anything escape from a broken directory
        return NOTHING
    bits = first.get(BITS, (1,))
    more = second is not None and not int(second.get(_PAGE_KIND, 0)) & _REDUCED
    return HeaderFacts(deep=max(bits) > 8, transparent=_EXTRA in first, pages=more)
