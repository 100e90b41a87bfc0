"""One frame of a DICOM file as 8-bit RGB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from topwork.data.images.medical.codestream import frame_header
from topwork.data.images.medical.dicom_header import (
    ImageSize,
    broken_if_raised,
    image_size_of,
    of,
    parsed,
    word,
)
from topwork.data.images.medical.shown_range import (
    LINEAR,
    LINEAR_EXACT,
    SIGMOID,
    ShownRange,
    chosen_range,
    ct_range,
    range_between,
)
from topwork.errors import BadItem
from topwork.settings.voi_window import AUTO_WINDOW, FILE, voi_windows

if TYPE_CHECKING:
    from pydicom import Dataset

_PIXELS: Final = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
_EXTENDED: Final = "1.2.840.10008.1.2.4.51"
_INFLATED_FRAMES: Final = "1.2.840.10008.1.2.8.1"
"""Frames that are inflated without a limit: not read."""

INVERTED: Final = "MONOCHROME1"


def dicom_frame(data: bytes, frame: int, window: str) -> NDArray[np.uint8]:
    """Decode one frame: modality LUT, window, 8 bits, and MONOCHROME1 inverted last.

    Parameters
    ----------
    frame
        Which of several, from 0.
    window
        As `topwork.settings.voi_window.voi_windows` takes it.

    Returns
    -------
    numpy.ndarray
        uint8 (rows, columns, 3).

    Raises
    ------
    topwork.errors.BadItem
        With one of `topwork.data.REASONS`.
    """
    with broken_if_raised():
        header = parsed(data, pixels=True)
        size = image_size_of(header)
        numbers = _numbers(header, size, frame)
        if size.photometric == "PALETTE COLOR":
            return _coloured(_from_palette(numbers, header), 8)
        if size.samples == 3:
            return _coloured(numbers, size.stored)
        return _grey(numbers, header, size, frame, window)


def _numbers(header: Dataset, size: ImageSize, frame: int) -> NDArray[Any]:
    """The stored numbers of one frame, checked first against what its own stream says."""
    from pydicom.pixels import pixel_array

    keyword = next((one for one in _PIXELS if one in header), None)
    if keyword is None:
        raise BadItem("no_pixels", "its header describes an image, and there are no pixels")
    if frame >= size.frames:
        raise BadItem("corrupt", f"it has no frame {frame + 1}")
    syntax = of(header.file_meta, "TransferSyntaxUID")
    if not syntax:
        raise BadItem("corrupt", "its header doesn't say how its pixels are written")
    _check_syntax(syntax)
    if syntax.is_encapsulated:
        _check_stream(header, size, frame, syntax)
    else:
        per_frame = -(-size.rows * size.columns * size.samples * size.allocated // 8)
        if size.photometric == "YBR_FULL_422":
            per_frame = per_frame * 2 // 3
        if len(header[keyword].value or b"") < per_frame * (frame + 1):
            raise BadItem("truncated", "its pixels end before the image does")
    return pixel_array(header, index=frame)


def _check_syntax(syntax: Any) -> None:
    from pydicom.pixels import get_decoder

    name = str(syntax.name)
    if name[:1].isdigit():
        name = "an unknown transfer syntax"
    try:
        known = get_decoder(syntax).is_available and str(syntax) != _INFLATED_FRAMES
    except NotImplementedError:
        known = False
    if not known:
        raise BadItem("needs_decoder", f"its pixels are compressed as {name}")


def _check_stream(header: Dataset, size: ImageSize, frame: int, syntax: Any) -> None:
    from pydicom.encaps import get_frame

    try:
        stream = get_frame(header.PixelData, frame, number_of_frames=size.frames)
    except Exception:
        raise BadItem("truncated", "the frames of its pixels are incomplete") from None
    said = frame_header(stream)
    if said is None:
        return
    if (said.width, said.height) != (size.columns, size.rows):
        raise BadItem(
            "corrupt",
            f"its header says {size.columns} × {size.rows} pixels, and its pixels say "
            f"{said.width} × {said.height}",
        )
    if str(syntax) == _EXTENDED and said.bits > 8:
        raise BadItem(
            "needs_decoder", f"its pixels are compressed as {syntax.name}, of {said.bits} bits"
        )


def _from_palette(numbers: NDArray[Any], header: Dataset) -> NDArray[Any]:
    from pydicom.pixels import apply_color_lut

    colours = apply_color_lut(numbers, header)[..., :3]
    return colours >> 8 if colours.dtype.itemsize > 1 else colours


def _coloured(numbers: NDArray[Any], bits: int) -> NDArray[np.uint8]:
    """Colours of any depth as bytes; no window is for them."""
    if bits > 8:
        numbers = numbers >> (bits - 8)
    return np.ascontiguousarray(np.clip(numbers, 0, 255).astype(np.uint8))


def _grey(
    numbers: NDArray[Any], header: Dataset, size: ImageSize, frame: int, window: str
) -> NDArray[np.uint8]:
    values = _modality_values(numbers, header, frame)
    own, usual = _own_range(header, frame), _usual_range(header, size)
    asked = voi_windows(window or AUTO_WINDOW)
    lut = of(header, "VOILUTSequence") if own is None else None
    known = values
    padding = of(header, "PixelPaddingValue")
    if padding is not None and numbers.dtype.kind in "ui":
        rest = values[numbers != padding]
        known = rest if rest.size else values
    channels = []
    for one in asked:
        if lut and one.name in (FILE, AUTO_WINDOW):
            channels.append(_by_lut(values, header))
            continue
        shown = chosen_range(one, own=own, usual=usual, values=known)
        channels.append(shown.apply(values))
    grey = np.stack([channels[min(i, len(channels) - 1)] for i in range(3)], axis=2)
    return 255 - grey if size.photometric == INVERTED else grey


def _modality_values(
    numbers: NDArray[Any], header: Dataset, frame: int
) -> NDArray[np.floating[Any]]:
    """Values in the units of the modality: by its table, or by slope and intercept."""
    from pydicom.pixels import apply_modality_lut

    if "ModalityLUTSequence" in header:
        return np.asarray(apply_modality_lut(numbers, header), np.float32)
    of_frame = functional_group(header, frame, "PixelValueTransformationSequence")
    source = header if of_frame is None else of_frame
    slope, intercept = of(source, "RescaleSlope"), of(source, "RescaleIntercept")
    values = numbers.astype(np.float32)
    if slope is None or intercept is None:
        return values
    return values * np.float32(slope) + np.float32(intercept)


def functional_group(header: Dataset, frame: int, keyword: str) -> Dataset | None:
    """The part of an enhanced object that is about one frame, or about all of them."""
    per_frame = of(header, "PerFrameFunctionalGroupsSequence")
    shared = of(header, "SharedFunctionalGroupsSequence")
    groups = (per_frame or ())[frame : frame + 1] if per_frame else ()
    for group in (*groups, *(shared or ())):
        found = of(group, keyword)
        if found:
            part: Dataset = found[0]
            return part
    return None


def _own_range(header: Dataset, frame: int) -> ShownRange | None:
    """The window in the file, the first of several."""
    of_frame = functional_group(header, frame, "FrameVOILUTSequence")
    for source in (of_frame, header):
        if source is None:
            continue
        width, level = _first(of(source, "WindowWidth")), _first(of(source, "WindowCenter"))
        if width is None or level is None or not width > 0:
            continue
        said = word(source, "VOILUTFunction") or LINEAR
        function = said if said in (LINEAR, LINEAR_EXACT, SIGMOID) else LINEAR
        return ShownRange(width, level, function)
    return None


def several_windows(header: Dataset) -> bool:
    """Whether the file has more windows than the first, which is the one that is used."""
    value = of(header, "WindowCenter")
    return value is not None and not isinstance(value, str | float | int) and len(value) > 1


def _first(value: Any) -> float | None:
    try:
        one = float(value if isinstance(value, str | float | int) else value[0])
    except (TypeError, ValueError, IndexError):
        return None
    return one if np.isfinite(one) else None


def _usual_range(header: Dataset, size: ImageSize) -> ShownRange | None:
    """What is shown where the file doesn't say: of a CT by the part of the body, of 8 bits all."""
    if word(header, "Modality") == "CT":
        return ct_range(word(header, "BodyPartExamined"))
    plain = of(header, "RescaleSlope") in (None, 1) and of(header, "RescaleIntercept") in (None, 0)
    if size.allocated <= 8 and plain and not number_is_signed(header):
        return range_between(0.0, float(2**size.stored - 1))
    return None


def number_is_signed(header: Dataset) -> bool:
    """Whether stored numbers may be negative."""
    return bool(of(header, "PixelRepresentation") == 1)


def _by_lut(values: NDArray[np.floating[Any]], header: Dataset) -> NDArray[np.uint8]:
    """By the table in the file (PS3.3, C.11.2.1.1)."""
    from pydicom.pixels import apply_voi

    bits = int(header.VOILUTSequence[0].LUTDescriptor[2])
    shown = apply_voi(np.rint(values).astype(np.int32), header).astype(np.float32)
    return range_between(0.0, float(2**bits - 1)).apply(shown)
