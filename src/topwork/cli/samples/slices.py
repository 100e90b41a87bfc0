"""CT slices of the chest, drawn: lungs with vessels, and in half of the patients a nodule."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SIDE = 192
N_PATIENTS, N_SLICES = 24, 5


def write_slices(folder: Path, seed: int) -> None:
    """Write DICOM files in ``nodule/`` and ``clear/``, and each patient in some of them."""
    from topwork.installation import require

    require("Writing DICOM files", ("pydicom",))
    rng = np.random.default_rng((seed, 7))
    for patient in range(N_PATIENTS):
        label = ("clear", "nodule")[patient % 2]
        size = rng.uniform(0.9, 1.1)
        for number in range(N_SLICES):
            pixels = _slice(rng, size, nodule=label == "nodule")
            file = folder / label / f"p{patient:02}-{number}.dcm"
            _write_dicom(file, pixels, patient, number)


def _slice(rng: np.random.Generator, size: float, *, nodule: bool) -> NDArray[np.int16]:
    """Hounsfield units, ``(192, 192)``: -1000 is air, 0 is water."""
    y, x = (np.mgrid[:SIDE, :SIDE] - SIDE / 2) / (SIDE / 2 * size)
    body = (x / 0.9) ** 2 + (y / 0.7) ** 2 < 1
    hu = np.where(body, 40.0, -1000.0)
    lungs = np.zeros_like(body)
    for side in (-1, 1):
        lungs |= ((x - 0.42 * side) / 0.3) ** 2 + (y / 0.5) ** 2 < 1
    hu[lungs] = -850
    inside = np.argwhere(lungs)
    for _ in range(14):
        _disc(hu, inside[rng.integers(len(inside))], rng.uniform(1.0, 2.2), -150)
    if nodule:
        near = inside[(np.abs(inside - SIDE / 2) > 14).all(axis=1)]
        _disc(hu, near[rng.integers(len(near))], rng.uniform(5, 8), 40)
    return (hu + rng.normal(0, 25, hu.shape)).astype(np.int16)


def _disc(hu: NDArray[np.float64], centre: NDArray[np.intp], radius: float, value: float) -> None:
    y, x = np.mgrid[:SIDE, :SIDE]
    hu[np.hypot(y - centre[0], x - centre[1]) < radius] = value


def _write_dicom(file: Path, pixels: NDArray[np.int16], patient: int, number: int) -> None:
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

    names = [f"topwork sample {patient}", str(number)]
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID = CTImageStorage
    made.SOPInstanceUID = generate_uid(entropy_srcs=names)
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.StudyInstanceUID = generate_uid(entropy_srcs=names[:1])
    made.PatientID, made.PatientName = f"SAMPLE{patient:02}", f"Sample^{patient:02}"
    made.Modality, made.PhotometricInterpretation = "CT", "MONOCHROME2"
    made.Rows, made.Columns = pixels.shape
    made.SamplesPerPixel, made.PixelRepresentation = 1, 1
    made.BitsAllocated = made.BitsStored = 16
    made.HighBit, made.InstanceNumber = 15, number + 1
    made.RescaleSlope, made.RescaleIntercept = 1, 0
    made.PixelData = pixels.astype("<i2").tobytes()
    file.parent.mkdir(parents=True, exist_ok=True)
    made.save_as(file, enforce_file_format=True)
