"""Where the slices of a DICOM file lie in the body, by its header."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from topwork.data.images.medical.dicom import functional_group
from topwork.data.images.medical.dicom_header import broken_if_raised, image_size_of, of

if TYPE_CHECKING:
    from pydicom import Dataset

_LOCALISER: Final = "LOCALIZER"

_ROUNDING: Final = 0.05
"""By which direction cosines may miss the length 1 and the right angle."""


@dataclass(frozen=True, slots=True)
class SliceHeader:
    """What tells where one slice lies; coordinates lead to the left, the back and the head.

    Parameters
    ----------
    series
        SeriesInstanceUID, or anything else that is the same for slices of one series.
    position
        ImagePositionPatient: the centre of the first pixel (x, y, z), in mm.
    orientation
        ImageOrientationPatient: the directions of a row and of a column, two unit vectors.
    image_type
        The values of ImageType (PS3.3, C.7.6.1.1.2), such as ``ORIGINAL``.
    spacing
        PixelSpacing: mm from row to row and from column to column.
    """

    series: str
    position: tuple[float, ...] | None = None
    orientation: tuple[float, ...] | None = None
    image_type: tuple[str, ...] = ()
    spacing: tuple[float, ...] | None = None

    def __repr__(self) -> str:
        return "SliceHeader(...)"

    @property
    def is_localiser(self) -> bool:
        """Whether it is an overview that others were planned on."""
        return _LOCALISER in self.image_type

    @property
    def is_placed(self) -> bool:
        """Whether it has a position, and an orientation that is one."""
        if self.position is None or self.orientation is None:
            return False
        row, column = self.orientation[:3], self.orientation[3:]
        across = sum(a * b for a, b in zip(row, column, strict=True))
        misses = (math.hypot(*row) - 1, math.hypot(*column) - 1, across)
        return all(abs(one) < _ROUNDING for one in misses)


def slice_headers(header: Dataset) -> list[SliceHeader]:
    """What the header of a DICOM image says of each of its frames.

    Raises
    ------
    topwork.errors.BadItem
        ``no_pixels``, ``corrupt`` or ``too_many_pixels``.
    """
    with broken_if_raised():
        frames = image_size_of(header).frames
        return [_of_frame(header, frame, frames) for frame in range(frames)]


def _of_frame(header: Dataset, frame: int, frames: int) -> SliceHeader:
    """Of one of several frames only what is said of it, or of all frames in common."""

    def part(sequence: str) -> Any:
        found = functional_group(header, frame, sequence)
        return header if found is None and frames == 1 else found

    types = of(header, "ImageType") or ()
    return SliceHeader(
        series=str(of(header, "SeriesInstanceUID") or "").strip(),
        position=_numbers(part("PlanePositionSequence"), "ImagePositionPatient", 3),
        orientation=_numbers(part("PlaneOrientationSequence"), "ImageOrientationPatient", 6),
        image_type=tuple(
            str(one).strip().upper() for one in ([types] if isinstance(types, str) else types)
        ),
        spacing=_numbers(part("PixelMeasuresSequence"), "PixelSpacing", 2),
    )


def _numbers(header: Dataset | None, keyword: str, n: int) -> tuple[float, ...] | None:
    """n finite numbers of the header; None for anything else."""
    value = None if header is None else of(header, keyword)
    try:
        numbers = tuple(float(one) for one in value or ())
    except (TypeError, ValueError):
        return None
    return numbers if len(numbers) == n and all(map(math.isfinite, numbers)) else None
