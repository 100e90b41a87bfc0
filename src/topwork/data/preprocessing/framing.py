"""How an image of any shape becomes the fixed input of a network."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, get_args

import numpy as np

from topwork.data.preprocessing.strips import Box, reduced
from topwork.errors import ParameterError
from topwork.settings.choices import GEOMETRIES, Geometry

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL import Image


Interpolation = Literal["bicubic", "bilinear", "lanczos", "box", "nearest"]
INTERPOLATIONS: Final[tuple[Interpolation, ...]] = get_args(Interpolation)

Window = tuple[float, float, float, float]
WHOLE: Final[Window] = (0.0, 0.0, 1.0, 1.0)
"""The window that leaves nothing out."""

PAD_VALUE: Final = 128
"""The grey that `pad` fills up with: the middle, which most networks see as zero."""

_BEYOND: Final = 2.0
"""How far a window may reach beyond an image, in sides of it."""

REDUCING_GAP: Final = 3.0
"""Pillow first averages whole blocks where an image is this many times too large."""


@dataclass(frozen=True, slots=True)
class Framing:
    """The fixed input of a network and the way an image gets there.

    Parameters
    ----------
    height, width
        Of the input, in pixels.
    geometry
        ``squeeze`` the whole image into the input, whatever its aspect; ``pad`` it with grey;
        or ``crop`` the middle out of it.
    interpolation
        The filter of the resize; all but ``nearest`` are antialiased.
    crop_fraction
        For ``crop``: the image is first resized to the input's size divided by this.
    window
        Left, top, right and bottom of the part that is looked at, as fractions of the image;
        everything outside is as if it weren't there. With ``pad`` it may reach beyond the image,
        which is grey there.
    mirrored
        Whether left and right are swapped at the end.

    Raises
    ------
    topwork.errors.ParameterError
        If a parameter is out of its range.

    Examples
    --------
    >>> Framing(224, 224).geometry
    'squeeze'
    """

    height: int
    width: int
    geometry: Geometry = "squeeze"
    interpolation: Interpolation = "bicubic"
    crop_fraction: float = 0.875
    window: Window = WHOLE
    mirrored: bool = False

    def __post_init__(self) -> None:
        if self.height < 1 or self.width < 1:
            raise ParameterError(
                f"height and width must be at least 1, but are {self.height} and {self.width}.",
                remedy="Give the size of the network's input in pixels.",
            )
        _one_of("geometry", self.geometry, GEOMETRIES)
        _one_of("interpolation", self.interpolation, INTERPOLATIONS)
        if not 0 < self.crop_fraction <= 1:
            raise ParameterError(
                f"crop_fraction must be above 0 and at most 1, but is {self.crop_fraction}.",
                remedy="The usual value is 0.875.",
            )
        left, top, right, bottom = self.window
        beyond = _BEYOND if self.geometry == "pad" else 0.0
        if not (
            -beyond <= left < right <= 1 + beyond
            and -beyond <= top < bottom <= 1 + beyond
            and min(right, bottom) > 0
            and max(left, top) < 1
        ):
            raise ParameterError(
                f"window is {self.window}, which is no part of an image.",
                remedy="Give left, top, right and bottom as fractions from 0 to 1.",
            )


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ParameterError(
            f"{name} is {value!r}, which is not known.", remedy=f"Use one of {', '.join(allowed)}."
        )


@dataclass(frozen=True, slots=True)
class Placement:
    """Which part of an image goes where in the input.

    Parameters
    ----------
    box
        Left, top, right and bottom of the part, in the image's pixels.
    width, height
        What the part is resized to.
    x, y
        Where it starts in the input.
    """

    box: tuple[float, float, float, float]
    width: int
    height: int
    x: int = 0
    y: int = 0


def place(framing: Framing, width: int, height: int) -> Placement:
    """Decide which part of an image of ``width`` × ``height`` pixels goes where.

    Examples
    --------
    >>> place(Framing(100, 100, "pad"), 400, 200)
    Placement(box=(0, 0, 400, 200), width=100, height=50, x=0, y=25)
    >>> place(Framing(100, 100, window=(0.5, 0.0, 1.0, 0.5)), 400, 200).box
    (200.0, 0.0, 400.0, 100.0)
    """
    if framing.window == WHOLE:
        return _place(framing, width, height)
    left, top, right, bottom = framing.window
    if min(left, top) < 0 or max(right, bottom) > 1:
        return _place_beyond(framing, width, height)
    left, right, top, bottom = left * width, right * width, top * height, bottom * height
    inner = _place(framing, right - left, bottom - top)
    within = inner.box
    box = (left + within[0], top + within[1], left + within[2], top + within[3])
    return Placement(box, inner.width, inner.height, inner.x, inner.y)


def _place_beyond(framing: Framing, width: int, height: int) -> Placement:
    """A window that reaches beyond the image: what lies inside, where it lies in the window."""
    left, top, right, bottom = framing.window
    across, down = (right - left) * width, (bottom - top) * height
    scale = min(framing.width / across, framing.height / down)
    x1, y1, x2, y2 = max(left, 0), max(top, 0), min(right, 1), min(bottom, 1)
    box = (x1 * width, y1 * height, x2 * width, y2 * height)
    inner_width = min(framing.width, max(1, round((box[2] - box[0]) * scale)))
    inner_height = min(framing.height, max(1, round((box[3] - box[1]) * scale)))
    x = (framing.width - across * scale) / 2 + (box[0] - left * width) * scale
    y = (framing.height - down * scale) / 2 + (box[1] - top * height) * scale
    return Placement(
        box,
        inner_width,
        inner_height,
        min(max(0, round(x)), framing.width - inner_width),
        min(max(0, round(y)), framing.height - inner_height),
    )


def _place(framing: Framing, width: float, height: float) -> Placement:
    if framing.geometry == "pad":
        return _pad(framing, width, height)
    if framing.geometry == "crop":
        return _crop(framing, width, height)
    return Placement((0, 0, width, height), framing.width, framing.height)


def _pad(framing: Framing, width: float, height: float) -> Placement:
    scale = min(framing.width / width, framing.height / height)
    inner_width = min(framing.width, max(1, round(width * scale)))
    inner_height = min(framing.height, max(1, round(height * scale)))
    x, y = (framing.width - inner_width) // 2, (framing.height - inner_height) // 2
    return Placement((0, 0, width, height), inner_width, inner_height, x, y)


def _crop(framing: Framing, width: float, height: float) -> Placement:
    fraction = framing.crop_fraction
    scale = max(framing.width / fraction / width, framing.height / fraction / height)
    part_width = min(framing.width / scale, width)
    part_height = min(framing.height / scale, height)
    left, top = (width - part_width) / 2, (height - part_height) / 2
    box = (left, top, left + part_width, top + part_height)
    return Placement(box, framing.width, framing.height)


def needed_size(placement: Placement, width: int, height: int) -> tuple[int, int]:
    """Give the smallest width and height of the whole image that lose nothing in its place.

    Examples
    --------
    >>> needed_size(place(Framing(100, 100, "pad"), 400, 200), 400, 200)
    (100, 50)
    """
    left, top, right, bottom = placement.box
    across = math.ceil(width * placement.width / (right - left) - 1e-6)
    down = math.ceil(height * placement.height / (bottom - top) - 1e-6)
    return min(width, across), min(height, down)


def render(
    image: Image.Image,
    framing: Framing,
    placement: Placement,
    *,
    size: tuple[int, int],
    convert: Callable[[Image.Image], Image.Image] | None = None,
) -> np.ndarray:
    """Resize an image into its place.

    Parameters
    ----------
    image
        An upright RGB image, possibly decoded at a reduced size; of any mode with ``convert``.
    placement
        What `place` said for ``size``.
    size
        Width and height of the image at full size.
    convert
        Makes RGB of the image or of any part of it; then no more than a part is converted at a
        time where the image is reduced.

    Returns
    -------
    numpy.ndarray
        uint8 (height, width, 3), C-contiguous.
    """
    across, down = image.width / size[0], image.height / size[1]
    left, top, right, bottom = placement.box
    box = (
        left * across,
        top * down,
        min(right * across, image.width),
        min(bottom * down, image.height),
    )
    rendered = _resized(image, framing, placement, box, convert)
    return np.ascontiguousarray(rendered[:, ::-1]) if framing.mirrored else rendered


def _resized(
    image: Image.Image,
    framing: Framing,
    placement: Placement,
    box: Box,
    convert: Callable[[Image.Image], Image.Image] | None,
) -> np.ndarray:
    size, filter_ = (placement.width, placement.height), _resampling(framing.interpolation)
    gap = None if framing.interpolation == "nearest" else REDUCING_GAP
    if convert is not None and gap is not None:
        image, box = reduced(image, convert, size, box, filter_=filter_, gap=gap)
        gap = None
    elif convert is not None:
        image = convert(image)
    resized = image.resize(size, filter_, box, gap)
    if (placement.height, placement.width) == (framing.height, framing.width):
        return np.array(resized)
    canvas = np.full((framing.height, framing.width, 3), PAD_VALUE, np.uint8)
    canvas[
        placement.y : placement.y + placement.height, placement.x : placement.x + placement.width
    ] = np.asarray(resized)
    return canvas


def _resampling(interpolation: Interpolation) -> Image.Resampling:
    from PIL.Image import Resampling

    return Resampling[interpolation.upper()]
