"""DICOM and NIfTI files that tests write, small and of known content."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def write_dicom(path: Path, pixels: NDArray[Any], **header: Any) -> Path:
    """Write numbers (rows, columns) or (frames, rows, columns) as a CT image without a window.

    Parameters
    ----------
    header
        Further elements by keyword; None leaves one out.
    """
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

    kind = header.pop("SOPClassUID", CTImageStorage)
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = kind
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made = Dataset()
    made.file_meta = meta
    bits = 8 * pixels.dtype.itemsize
    frames = {"NumberOfFrames": len(pixels)} if pixels.ndim == 3 else {}
    elements = {
        "SOPClassUID": kind,
        "SOPInstanceUID": meta.MediaStorageSOPInstanceUID,
        "Modality": "CT",
        "Rows": pixels.shape[-2],
        "Columns": pixels.shape[-1],
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "BitsAllocated": bits,
        "BitsStored": bits,
        "HighBit": bits - 1,
        "PixelRepresentation": int(pixels.dtype.kind == "i"),
        "RescaleSlope": 1,
        "RescaleIntercept": 0,
        "PixelData": pixels.astype(pixels.dtype.newbyteorder("<")).tobytes(),
        **frames,
        **header,
    }
    for keyword, value in elements.items():
        if value is not None:
            setattr(made, keyword, value)
    path.parent.mkdir(parents=True, exist_ok=True)
    made.save_as(path, enforce_file_format=True)
    return path


def hounsfield(*values: int) -> NDArray[np.int16]:
    """A small slice whose rows have these values."""
    return np.repeat(np.array(values, np.int16)[:, None], 8, axis=1).repeat(4, axis=0)
