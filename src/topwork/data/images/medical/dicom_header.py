"""What a DICOM file says of itself, checked before a pixel is decoded."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from topwork.data.files import read_file, read_head
from topwork.data.images.medical.installed import check_installed
from topwork.data.images.medical.quiet import quiet
from topwork.data.images.medical.recognised import medical_format
from topwork.data.limits import MAX_FRAMES, check_bytes, check_pixels
from topwork.errors import BadItem, UserError

if TYPE_CHECKING:
    from pydicom import Dataset

_DEFLATED: Final = b"1.2.840.10008.1.2.1.99"
_META: Final = 132
"""Where the file meta information begins, whose length its first element says."""

_COLOURS: Final = ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_PARTIAL_420", "YBR_ICT", "YBR_RCT")
_GREYS: Final = ("MONOCHROME1", "MONOCHROME2")
_PALETTE: Final = "PALETTE COLOR"


@dataclass(frozen=True, slots=True)
class ImageSize:
    """What a DICOM image says of its size.

    Parameters
    ----------
    rows, columns
        Of one frame, in pixels.
    frames
        How many there are.
    samples
        Channels.
    allocated, stored
        Bits of one number, and those in use.
    photometric
        What the numbers mean (PS3.3, C.7.6.3.1.2).
    """

    rows: int
    columns: int
    frames: int
    samples: int
    allocated: int
    stored: int
    photometric: str


def parsed(data: bytes, *, pixels: bool) -> Dataset:
    """Take a DICOM file apart.

    Parameters
    ----------
    pixels
        Whether the pixels are wanted, too; they are not decoded.

    Raises
    ------
    topwork.errors.BadItem
        ``truncated``, ``corrupt``, ``too_large`` or ``missing_extra``.
    """
    check_installed()
    from pydicom import dcmread

    _check_deflated(data)
    with broken_if_raised():
        return dcmread(io.BytesIO(data), stop_before_pixels=not pixels)


def parsed_file(path: Path) -> Dataset | None:
    """The header of a DICOM file, without reading its pixels; None for another file.

    Raises
    ------
    topwork.errors.BadItem
        Like `parsed`.
    """
    check_installed()
    from pydicom import dcmread

    head = read_head(path, 4096)
    if medical_format(head) != "DICOM":
        return None
    if _DEFLATED in head:
        return parsed(read_file(path), pixels=False)
    with broken_if_raised():
        return dcmread(path, stop_before_pixels=True)


@contextmanager
def broken_if_raised() -> Iterator[None]:
    """Turn whatever a library raises into a reason, without its words: they may quote the header.

    Nothing is warned about or logged meanwhile, for the same cause. A header's elements are only
    read when they are asked for, so that asking has to lie inside, too.

    Raises
    ------
    topwork.errors.BadItem
        ``truncated``, ``corrupt`` or ``too_many_pixels``.
    """
    try:
        with quiet():
            yield
    except (BadItem, UserError):
        raise
    except MemoryError:
        raise BadItem("too_many_pixels", "it needs more memory than there is") from None
    except EOFError:
        raise BadItem("truncated", "its header is incomplete") from None
    except Exception as error:
        reason = f"its content contradicts itself ({type(error).__name__})"
        raise BadItem("corrupt", reason) from None


def _check_deflated(data: bytes) -> None:
    """Refuse a data set that becomes too large where it is inflated (PS3.5, A.5)."""
    if _DEFLATED not in data[_META : _META + 2048]:
        return
    begin = _META + 12 + int.from_bytes(data[_META + 8 : _META + 12], "little")
    inflating, size = zlib.decompressobj(-zlib.MAX_WBITS), 0
    rest = data[begin:]
    try:
        while rest and not inflating.eof:
            size += len(inflating.decompress(rest, 1 << 22))
            check_bytes(size)
            rest = inflating.unconsumed_tail
    except zlib.error:
        raise BadItem("corrupt", "its compressed content is broken") from None
    if not inflating.eof:
        raise BadItem("truncated", "its compressed content is incomplete")


def image_size_of(header: Dataset) -> ImageSize:
    """The size of the image, refused where it is none or too much.

    Raises
    ------
    topwork.errors.BadItem
        ``no_pixels``, ``corrupt`` or ``too_many_pixels``.
    """
    if "Rows" not in header and "Columns" not in header and "BitsAllocated" not in header:
        raise BadItem("no_pixels", f"it is a DICOM object without an image ({object_name(header)})")
    size = ImageSize(
        rows=number(header, "Rows"),
        columns=number(header, "Columns"),
        frames=number(header, "NumberOfFrames", 1) or 1,
        samples=number(header, "SamplesPerPixel", 1),
        allocated=number(header, "BitsAllocated"),
        stored=number(header, "BitsStored", number(header, "BitsAllocated")),
        photometric=word(header, "PhotometricInterpretation"),
    )
    check_pixels(size.columns, size.rows)
    if not 1 <= size.frames <= MAX_FRAMES:
        raise BadItem(
            "too_many_pixels", f"its header says {size.frames} frames, the limit is {MAX_FRAMES:,}"
        )
    colour = size.photometric in _COLOURS
    fits = size.samples == (3 if colour else 1) and 1 <= size.stored <= size.allocated <= 64
    if not fits or not (colour or size.photometric in (*_GREYS, _PALETTE)):
        raise BadItem("corrupt", "its header says of its pixels what no image has")
    return size


def number(header: Dataset, keyword: str, usual: int | None = None) -> int:
    """A whole number of the header.

    Raises
    ------
    topwork.errors.BadItem
        ``corrupt``, if it is missing without a usual one, or no number.
    """
    value = of(header, keyword)
    if value is None and usual is not None:
        return usual
    try:
        return int(value)
    except (TypeError, ValueError):
        raise BadItem("corrupt", f"{keyword} in its header is no number") from None


def word(header: Dataset, keyword: str) -> str:
    """A word of the header in capitals; empty where there is none."""
    value = of(header, keyword)
    return "" if value is None else str(value).strip().upper()


def of(header: Dataset, keyword: str) -> Any:
    """A value of the header; None where there is none or it cannot be read."""
    try:
        return header.get(keyword)
    except Exception:  # a value is only read when it is asked for
        return None


def object_name(header: Dataset) -> str:
    """What kind of object it is, by the standard's own name."""
    from pydicom.uid import UID

    uid = of(header, "SOPClassUID")
    name = UID(str(uid)).name if uid else ""
    return name if name and not name[0].isdigit() else "of no known kind"
