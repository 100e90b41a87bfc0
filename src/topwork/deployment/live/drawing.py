"""What was recognised, written over the image."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from topwork.deployment.live.recognised_frame import RecognisedFrame
from topwork.deployment.live.recognition.recogniser import ClassScores

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

COLOURS: Final = (
    "#e6550d", "#3182bd", "#31a354", "#756bb1", "#d6a616", "#17becf", "#e377c2", "#8c6d31",
)  # fmt: skip
"""Of the classes, over and over."""

_LINES: Final = 22
"""Of text that would fit into the height of an image."""
_MIN_SIZE: Final = 11


def drawn(recognised: RecognisedFrame) -> Image:
    """The image of a frame with the class that is shown, or with the objects that were found."""
    from PIL.Image import fromarray
    from PIL.ImageDraw import Draw

    image = fromarray(recognised.frame.image)
    if not isinstance(recognised.result, ClassScores):
        _draw_objects(Draw(image), recognised, _font_size(image.height))
        return image
    label = "unknown" if recognised.label is None else str(recognised.label)
    text = f"{label} {recognised.probability:.2f}"
    _write(Draw(image), (0, 0), text, "#202020", _font_size(image.height))
    return image


def _draw_objects(draw: ImageDraw, recognised: RecognisedFrame, size: int) -> None:
    for one in reversed(recognised.objects):  # the most probable one on top
        colour = COLOURS[recognised.labels.index(one.label) % len(COLOURS)]
        draw.rectangle(one.corners, outline=colour, width=max(2, size // 6))
        number = "" if one.track is None else f" {one.track}"
        text = f"{one.label}{number} {one.probability:.2f}"
        _write(draw, (one.corners[0], max(0.0, one.corners[1] - 1.5 * size)), text, colour, size)


def _font_size(height: int) -> int:
    return max(_MIN_SIZE, height // _LINES)


def _write(draw: ImageDraw, place: tuple[float, float], text: str, colour: str, size: int) -> None:
    """White text on a bar."""
    font, margin = _font(size), size // 4
    left, top, right, bottom = draw.textbbox((0, 0), text, font=font)
    x, y = place
    bar = (x, y, x + right - left + 2 * margin, y + bottom - top + 2 * margin)
    draw.rectangle(bar, fill=colour)
    draw.text((x + margin - left, y + margin - top), text, fill="white", font=font)


@cache
def _font(size: int) -> Any:
    from PIL.ImageFont import load_default

    return load_default(size)
