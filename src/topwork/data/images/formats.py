"""Which image formats are read, told by the first bytes of a file and never by its name."""

from __future__ import annotations

import re
from typing import Final, Literal, get_args

from topwork.data.images.medical.recognised import (
    MEDICAL_EXTENSIONS,
    MedicalFormat,
    medical_format,
)
from topwork.errors import BadItem

PhotoFormat = Literal["JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF", "AVIF", "PPM"]
Format = PhotoFormat | MedicalFormat
FORMATS: Final[tuple[PhotoFormat, ...]] = get_args(PhotoFormat)
"""Those that are always read; DICOM and NIfTI need an extra."""


_JPEG_EXTENSIONS: Final = (".jpg", ".jpeg", ".jpe", ".jfif")
_NETPBM_EXTENSIONS: Final = (".ppm", ".pgm", ".pbm", ".pnm")
_OTHER_EXTENSIONS: Final = (".png", ".webp", ".bmp", ".dib", ".tif", ".tiff", ".gif", ".avif")
PHOTO_EXTENSIONS: Final = frozenset((*_JPEG_EXTENSIONS, *_OTHER_EXTENSIONS, *_NETPBM_EXTENSIONS))
IMAGE_EXTENSIONS: Final = PHOTO_EXTENSIONS | MEDICAL_EXTENSIONS
"""What makes a file in a folder count as an image, in lower case."""

# Signatures that decide alone, at the start of the file.
_READ: Final[tuple[tuple[bytes, Format], ...]] = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
)
_OTHER_IMAGES: Final[tuple[tuple[bytes, str], ...]] = (
    (b"8BPS", "Photoshop"),
    (b"\0\0\x01\0", "an icon"),
    (b"\0\0\x02\0", "a cursor"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"\0\0\0\x0cJXL ", "JPEG XL"),
    (b"\xff\x0a", "JPEG XL"),
    (b"v/1\x01", "OpenEXR"),
    (b"#?RADIANCE", "Radiance HDR"),
    (b"DDS ", "DirectDraw"),
    (b"qoif", "QOI"),
    (b"icns", "an Apple icon"),
    (b"AT&TFORM", "DjVu"),
    (b"SIMPLE  =", "FITS"),
    (b"%!PS", "PostScript"),
    (b"P7\n", "a Netpbm file of arbitrary channels (PAM)"),
    (b"Pf\n", "a Netpbm file of floating point numbers (PFM)"),
    (b"PF\n", "a Netpbm file of floating point numbers (PFM)"),
)
_OTHER_FILES: Final[tuple[tuple[bytes, str], ...]] = (
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3", "a database"),
    (b"version https://git-lfs", "a Git LFS pointer instead of the file itself"),
)
# A digit says which of six kinds it is; a width or a comment follows.
_NETPBM: Final = re.compile(rb"P[1-6]\s+[#\d]")
_HEIF_BRANDS: Final = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")
_BMP_HEADER_SIZES: Final = (12, 16, 40, 52, 56, 64, 108, 124)


def sniff(data: bytes) -> Format:
    """Tell the format of a file by its content.

    Parameters
    ----------
    data
        The file, or its first 512 bytes.

    Raises
    ------
    topwork.errors.BadItem
        ``unsupported_format`` or ``not_an_image``.

    Examples
    --------
    >>> sniff(b"GIF89a" + bytes(20))
    'GIF'
    """
    # Before all others: what a DICOM file begins with is free, and may be the start of a TIFF.
    medical = medical_format(data[:512])
    if medical is not None:
        return medical
    for signature, name in _READ:
        if data.startswith(signature):
            return name
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    # Two letters are too few to go by; the size of the header that follows is one of eight.
    if data[:2] == b"BM" and int.from_bytes(data[14:18], "little") in _BMP_HEADER_SIZES:
        return "BMP"
    if _NETPBM.match(data[:512]):
        return "PPM"
    if data[4:8] == b"ftyp" and _is_avif(data):
        return "AVIF"
    raise _other(data)


def _is_avif(data: bytes) -> bool:
    end = min(int.from_bytes(data[:4], "big"), 512)
    brands = {data[8:12], *(data[start : start + 4] for start in range(16, end, 4))}
    return b"avif" in brands or b"avis" in brands


def _other(data: bytes) -> BadItem:
    for signature, name in _OTHER_IMAGES:
        if data.startswith(signature):
            return BadItem("unsupported_format", f"it looks like {name}")
    if data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS:
        return BadItem("unsupported_format", "it looks like HEIF (HEIC)")
    for signature, name in _OTHER_FILES:
        if data.startswith(signature):
            return BadItem("not_an_image", f"it looks like {name}")
    return _text(data[:512]) or BadItem("not_an_image", "its content is of no known kind")


def _text(head: bytes) -> BadItem | None:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if b"<svg" in start:
        return BadItem("unsupported_format", "it looks like SVG")
    if start.startswith((b"<!doctype html", b"<html")):
        return BadItem("not_an_image", "it looks like a web page, perhaps a failed download")
    if head.strip(b"\0") and not any(byte < 9 or 13 < byte < 27 for byte in head):
        return BadItem("not_an_image", "it looks like text")
    return None
