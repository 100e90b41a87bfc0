"""One slice of a NIfTI volume as 8-bit RGB, as radiologists look at it."""

from __future__ import annotations

import zlib
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from topwork.data.images.medical.dicom_header import broken_if_raised
from topwork.data.images.medical.installed import check_installed
from topwork.data.images.medical.shown_range import (
    ShownRange,
    chosen_range,
    percentile_range,
    range_between,
)
from topwork.data.limits import check_bytes, check_pixels
from topwork.errors import BadItem
from topwork.settings.choices import Plane
from topwork.settings.voi_window import AUTO_WINDOW, voi_windows

_AXES: Final = {"sagittal": 0, "coronal": 1, "axial": 2}

INFLATED: Final = 16
"""Times the bytes that a file may have: what a volume may have once it is inflated."""

_KEPT_BYTES: Final = 128_000_000
"""Of a volume and its file that are kept for the next slice."""

_LARGEST_HEADER: Final = 540
_ITEM_SIZES: Final = (1, 2, 3, 4, 8, 16, 32)


def unpacked(data: bytes) -> bytes:
    """The bytes of a NIfTI file, inflated if it is compressed, no more than its header says.

    Raises
    ------
    topwork.errors.BadItem
        ``too_many_pixels``, ``too_large``, ``truncated`` or ``corrupt``.
    """
    packed = data[:2] == b"\x1f\x8b"
    try:
        head = zlib.decompressobj(31).decompress(data, _LARGEST_HEADER) if packed else data
        wanted = _said_size(head[:_LARGEST_HEADER])
        whole = zlib.decompressobj(31).decompress(data, wanted) if packed else data
    except zlib.error:
        raise BadItem("corrupt", "its compressed content is broken") from None
    if len(whole) < wanted:
        raise BadItem("truncated", "its pixels end before the volume does")
    return whole


def slice_count(head: bytes, plane: Plane) -> int:
    """How many slices a volume has, by the first bytes of its file.

    Raises
    ------
    topwork.errors.BadItem
        Like `unpacked`.
    """
    check_installed()
    import nibabel

    axes_of: Any = nibabel.io_orientation
    with broken_if_raised():
        if head[:2] == b"\x1f\x8b":
            head = zlib.decompressobj(31).decompress(head, _LARGEST_HEADER)
        _said_size(head)
        header = _header_of(head)
        shape = [*header.get_data_shape(), 1, 1][:3]
        axes = axes_of(header.get_best_affine())[:, 0]
        return int(shape[int(np.flatnonzero(axes == _AXES[plane])[0])])


def _header_of(head: bytes) -> Any:
    """The header in the first bytes, which are not compressed."""
    from nibabel.nifti1 import Nifti1Header
    from nibabel.nifti2 import Nifti2Header

    second = 540 in (int.from_bytes(head[:4], "little"), int.from_bytes(head[:4], "big"))
    kind: Any = Nifti2Header if second else Nifti1Header
    if len(head) < (540 if second else 348):
        raise BadItem("truncated", "its header is incomplete")
    return kind(head[: 540 if second else 348], check=False)


def _said_size(head: bytes) -> int:
    """Bytes of the file by its header, refused where that is too much."""
    with broken_if_raised():
        header = _header_of(head)
        shape = [int(n) for n in header.get_data_shape()]
        size, offset = int(header.get_data_dtype().itemsize), int(header["vox_offset"])
    if len(shape) not in (2, 3, 4, 5) or min(shape) < 1 or size not in _ITEM_SIZES or offset < 0:
        raise BadItem("corrupt", "its header says of its volume what no image has")
    check_pixels(shape[0], shape[1] * int(np.prod(shape[2:], dtype=object)))
    total = offset + size * int(np.prod(shape, dtype=object))
    check_bytes(total // INFLATED)
    return total


def nifti_slice(
    data: bytes, window: str, plane: Plane = "axial", index: int | None = None
) -> NDArray[np.uint8]:
    """Decode one slice of a volume, of the first of several.

    The volume is turned to the nearest of the standard orientations first. An axial slice shows
    the front of the body at the top and its right side at the left, as DICOM images do.

    Parameters
    ----------
    index
        Which slice, from the feet, the back or the left on; the middle one if it is not given.

    Returns
    -------
    numpy.ndarray
        uint8 (h, w, 3).

    Raises
    ------
    topwork.errors.BadItem
        With one of `topwork.data.REASONS`.
    """
    axis = _AXES[plane]
    if index is None:
        volume, own = nifti_volume(data)
        index = volume.shape[axis] // 2
    else:
        volume, own = _last.volume(data)
    if index >= volume.shape[axis]:
        raise BadItem("corrupt", f"it has no slice {index + 1}")
    return shown_slice(np.take(volume, index, axis=axis), volume, window, own)


class _LastVolume:
    """The volume that was decoded last, for its further slices; a large one is not kept."""

    kept: tuple[bytes, NDArray[Any], ShownRange | None] | None = None

    def volume(self, data: bytes) -> tuple[NDArray[Any], ShownRange | None]:
        kept = self.kept  # another thread may put another one there
        if kept is not None and kept[0] == data:
            return kept[1], kept[2]
        volume, own = nifti_volume(data)
        if len(data) + volume.nbytes <= _KEPT_BYTES:
            self.kept = data, volume, own
        return volume, own


_last = _LastVolume()


def nifti_volume(data: bytes) -> tuple[NDArray[Any], ShownRange | None]:
    """A volume (x, y, z) whose axes lead to the right, the front and the top, and its own range."""
    check_installed()
    import nibabel
    from nibabel.nifti1 import Nifti1Image
    from nibabel.nifti2 import Nifti2Image

    whole = unpacked(data)
    second = 540 in (int.from_bytes(whole[:4], "little"), int.from_bytes(whole[:4], "big"))
    with broken_if_raised():
        image = (Nifti2Image if second else Nifti1Image).from_bytes(whole)
        while len(image.shape) > 3:
            image = image.slicer[..., 0]
        if len(image.shape) == 2:
            values = np.asanyarray(image.dataobj)[..., None]
            image = type(image)(values, image.affine, image.header)
        image = nibabel.as_closest_canonical(image)  # type: ignore[no-untyped-call]
        volume = np.asanyarray(image.dataobj)
        low, high = (float(image.header[name]) for name in ("cal_min", "cal_max"))
    if volume.dtype.kind == "c":
        raise BadItem("unsupported_format", "its numbers are complex")
    return volume, range_between(low, high) if high > low else None


def shown_slice(
    values: NDArray[Any], volume: NDArray[Any], window: str, own: ShownRange | None
) -> NDArray[np.uint8]:
    """One slice, across an axis of its volume, as 8-bit RGB.

    Parameters
    ----------
    values
        (p, q): what is left of the axes x, y and z.
    """
    if values.dtype.names:  # colours
        channels = np.stack([values[name] for name in values.dtype.names[:3]], axis=2)
        return np.ascontiguousarray(_turned(channels).astype(np.uint8))
    usual = None if own is not None else percentile_range(volume.astype(np.float32, copy=False))
    numbers = values.astype(np.float32)
    shown = [
        chosen_range(one, own=own, usual=usual, values=numbers).apply(numbers)
        for one in voi_windows(window or AUTO_WINDOW)
    ]
    grey = np.stack([shown[min(i, len(shown) - 1)] for i in range(3)], axis=2)
    return np.ascontiguousarray(_turned(grey))


def _turned(image: NDArray[Any]) -> NDArray[Any]:
    """As it is looked at: rows from front or top, columns from the right or the front."""
    return image[::-1, ::-1].swapaxes(0, 1)
