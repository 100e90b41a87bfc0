"""Telling DICOM and NIfTI files by their content, compressed ones too."""

from __future__ import annotations

import zlib
from typing import Final, Literal

MedicalFormat = Literal["DICOM", "NIFTI"]

MEDICAL_EXTENSIONS: Final = frozenset((".dcm", ".dicom", ".ima", ".nii", ".nii.gz"))
"""What medical files are called, in lower case; DICOM files often have no extension at all."""

HEAD: Final = 512
"""Bytes at the start of a file that are enough to tell."""

_NIFTI_HEADERS: Final = (
    (348, 344, (b"n+1\0", b"ni1\0")),
    (540, 4, (b"n+2\0", b"ni2\0")),
)
"""Size of the header, where its magic stands, and what it may be (NIfTI-1.1 and NIfTI-2)."""


def medical_format(head: bytes) -> MedicalFormat | None:
    """Tell a DICOM file (PS3.10, section 7.1) or a NIfTI file by its first bytes.

    Examples
    --------
    >>> medical_format(bytes(128) + b"DICM")
    'DICOM'
    >>> medical_format(b"\\x89PNG") is None
    True
    """
    if head[128:132] == b"DICM":
        return "DICOM"
    if head[:2] == b"\x1f\x8b":
        head = _inflated(head)
    for size, at, magics in _NIFTI_HEADERS:
        if head[at : at + 4] in magics and size in (
            int.from_bytes(head[:4], "little"),
            int.from_bytes(head[:4], "big"),
        ):
            return "NIFTI"
    return None


def _inflated(head: bytes) -> bytes:
    """The first bytes of what a gzip file holds."""
    try:
        return zlib.decompressobj(31).decompress(head, HEAD)
    except zlib.error:
        return b""
