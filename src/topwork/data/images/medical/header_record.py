"""What the header of a medical file says of it, without any word that names a person."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from topwork.data.images.medical.dicom import several_windows
from topwork.data.images.medical.dicom_header import (
    broken_if_raised,
    image_size_of,
    object_name,
    of,
    parsed,
    parsed_file,
    word,
)
from topwork.data.images.medical.patient import hashed, is_nobody, subject_of
from topwork.data.images.medical.recognised import HEAD, medical_format
from topwork.data.item import Item
from topwork.errors import BadItem

if TYPE_CHECKING:
    from pydicom import Dataset

_MIN_NAME: Final = 4
"""Letters of a name from which on it is looked for in a path."""

_SECONDARY_CAPTURE: Final = "1.2.840.10008.5.1.4.1.1.7"


@dataclass(frozen=True, slots=True)
class HeaderRecord:
    """What matters of a header for a data set.

    Parameters
    ----------
    patient
        A salted hash of whom it is of; empty where the header doesn't say.
    by
        What that is a hash of.
    frames
        How many images it holds.
    is_image
        Whether it is an image at all; broken files are, to be rejected in the open.
    modality
        DICOM's word, such as ``CT``.
    object_kind
        ``SC`` for secondary captures.
    burned_in
        Whether text is in the pixels; None where the header doesn't say.
    several_windows
        Whether there are more than the one that is used.
    name_parts
        Parts of the patient's name and ID, to compare paths with; never shown.
    """

    patient: str = ""
    by: Literal["", "patient", "study"] = ""
    frames: int = 1
    is_image: bool = True
    modality: str = ""
    object_kind: str = ""
    burned_in: bool | None = None
    several_windows: bool = False
    name_parts: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return "HeaderRecord(...)"

    def is_named_in(self, path: str) -> bool:
        """Whether a path contains a part of the patient's name or ID."""
        words = path.lower()
        return any(
            re.search(rf"(?<![a-z0-9]){re.escape(part)}(?![a-z0-9])", words)
            for part in self.name_parts
        )


_BROKEN: Final = HeaderRecord()


def header_record(item: Item, salt: bytes) -> HeaderRecord:
    """Look at the header of a DICOM or NIfTI file; of a broken one nothing is said here."""
    data = item.value if isinstance(item.value, bytes) else None
    try:
        with broken_if_raised():
            if data is None:
                assert item.path is not None
                return _of_file(item.path, salt)
            if medical_format(data[:HEAD]) == "DICOM":
                return _of_dicom(parsed(data, pixels=False), salt)
    except BadItem:
        pass
    return _BROKEN


def _of_file(path: Path, salt: bytes) -> HeaderRecord:
    header = parsed_file(path)
    if header is not None:
        return _of_dicom(header, salt)
    subject = subject_of(path)
    if not subject:
        return _BROKEN
    return HeaderRecord(hashed("subject", subject, salt), "patient")


def _of_dicom(header: Dataset, salt: bytes) -> HeaderRecord:
    frames, is_image = 1, True
    try:
        frames = image_size_of(header).frames
    except BadItem as error:
        is_image = error.reason != "no_pixels" or _is_image_class(header)
    patient, by = _patient(header, salt)
    burned_in = word(header, "BurnedInAnnotation")
    kind = str(of(header, "SOPClassUID") or "")
    return HeaderRecord(
        patient=patient,
        by=by,
        frames=frames,
        is_image=is_image,
        modality=word(header, "Modality"),
        object_kind="SC" if kind.startswith(_SECONDARY_CAPTURE) else "",
        burned_in=None if burned_in not in ("YES", "NO") else burned_in == "YES",
        several_windows=several_windows(header),
        name_parts=_name_parts(header),
    )


def _is_image_class(header: Dataset) -> bool:
    """Whether it is of a class of images, whose pixels are missed."""
    return "Image" in object_name(header)


def _patient(header: Dataset, salt: bytes) -> tuple[str, Literal["", "patient", "study"]]:
    patient = str(of(header, "PatientID") or "").strip()
    if not is_nobody(patient):
        return hashed("patient", patient, salt), "patient"
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID"):
        uid = str(of(header, keyword) or "").strip()
        if uid:
            return hashed(keyword, uid, salt), "study"
    return "", ""


def _name_parts(header: Dataset) -> tuple[str, ...]:
    said = " ".join(str(of(header, keyword) or "") for keyword in ("PatientName", "PatientID"))
    parts = {part for part in re.split(r"[^a-z0-9]+", said.lower()) if len(part) >= _MIN_NAME}
    return tuple(sorted(part for part in parts if not is_nobody(part)))
