"""Boxes with their names, drawn into an image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

COLOURS: Final = ("#d1495b", "#00798c", "#edae49", "#66a182", "#8d5fd3", "#2e6fd8", "#c05299")
"""Of the classes, in turn."""

ANNOTATED: Final = "#16181d"


class DrawnBox(NamedTuple):
    """One box.

    Attributes
    ----------
    corners
        x1, y1, x2, y2 in pixels of the image.
    colour
        As in HTML.
    caption
        What is written above it; empty for nothing.
    """

    corners: Sequence[float]
    colour: str
    caption: str


def class_colour(code: int) -> str:
    """The colour of a class by its position among the labels."""
    return COLOURS[code % len(COLOURS)]


def draw_boxes(image: NDArray[np.uint8], boxes: Sequence[DrawnBox]) -> NDArray[np.uint8]:
    """A copy of an RGB image ``(h, w, 3)`` with boxes on it, the last one on top.

    Examples
    --------
    >>> grey = np.full((40, 60, 3), 128, np.uint8)
    >>> drawn = draw_boxes(grey, [DrawnBox((5, 5, 50, 30), "#d1495b", "ace 0.97")])
    >>> drawn.shape, bool((drawn != grey).any())
    ((40, 60, 3), True)
    """
    from PIL import Image, ImageDraw, ImageFont

    canvas = Image.fromarray(image)
    draw = ImageDraw.Draw(canvas)
    side = min(canvas.size)
    line, size = max(1, round(side / 200)), max(10, round(side / 32))
    font = ImageFont.load_default(size)
    for corners, colour, caption in boxes:
        draw.rectangle(tuple(corners), outline=colour, width=line)
        if caption:
            _write(draw, caption, corners, colour, font)
    return np.asarray(canvas)


def _write(
    draw: ImageDraw, caption: str, corners: Sequence[float], colour: str, font: object
) -> None:
    """The caption above the box, or inside where there is no room above it."""
    x1, y1 = corners[0], corners[1]
    left, top, right, bottom = draw.textbbox((0, 0), caption, font=font)  # type: ignore[arg-type]
    width, height = right - left + 6, bottom - top + 4
    y = y1 - height if y1 >= height else y1
    draw.rectangle((x1, y, x1 + width, y + height), fill=colour)
    draw.text((x1 + 3 - left, y + 2 - top), caption, fill="white", font=font)  # type: ignore[arg-type]
