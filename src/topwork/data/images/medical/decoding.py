"""A DICOM or NIfTI file as an image: the one way to its pixels, its size and its remarks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from topwork.data.images.medical.dicom import dicom_frame
from topwork.data.images.medical.dicom_header import (
    broken_if_raised,
    image_size_of,
    number,
    parsed,
)
from topwork.data.images.medical.nifti import INFLATED, nifti_slice
from topwork.data.images.medical.recognised import MedicalFormat
from topwork.data.preprocessing.strips import room_for
from topwork.errors import BadItem
from topwork.settings.choices import Plane

if TYPE_CHECKING:
    from PIL.Image import Image

    from topwork.data.item import Remark


def medical_image(
    name: MedicalFormat, data: bytes, frame: int | None, window: str, *, plane: Plane = "axial"
) -> Image:
    """Decode one frame of a DICOM file, or one slice of a NIfTI volume, usually the middle one.

    Raises
    ------
    topwork.errors.BadItem
        With one of `topwork.data.REASONS`.
    """
    from PIL import Image

    if name == "DICOM":
        return Image.fromarray(dicom_frame(data, frame or 0, window))
    with room_for(len(data), INFLATED):
        return Image.fromarray(nifti_slice(data, window, plane, frame))


def medical_size(name: MedicalFormat, data: bytes) -> tuple[int, int]:
    """Width and height of what is shown, in pixels.

    Raises
    ------
    topwork.errors.BadItem
        With one of `topwork.data.REASONS`.
    """
    if name == "DICOM":
        with broken_if_raised():
            size = image_size_of(parsed(data, pixels=False))
        return size.columns, size.rows
    height, width = nifti_slice(data, "").shape[:2]
    return width, height


def medical_remarks(data: bytes, frame: int | None) -> tuple[Remark, ...]:
    """What of it is read otherwise than its owner may think."""
    if frame is not None:
        return ()
    if data[128:132] != b"DICM":
        return ("middle_slice",)
    try:
        with broken_if_raised():
            several = number(parsed(data, pixels=False), "NumberOfFrames", 1) > 1
    except BadItem:
        return ()
    return ("first_page",) if several else ()
