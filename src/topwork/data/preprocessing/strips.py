"""Large images, converted and reduced strip by strip."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from topwork.runtime import watch_forks

if TYPE_CHECKING:
    from PIL.Image import Image, Resampling

Box = tuple[float, float, float, float]

LARGE: Final = 8_000_000
"""Pixels from which on an image is converted in strips, and decoded while no other large one is:
its memory counts, not that of as many as there are threads."""

_STRIP: Final = 2_000_000


class _OneAtATime:
    """A lock that a forked process has for itself: its holder may not be there."""

    def __init__(self) -> None:
        self.after_fork()
        watch_forks(self)

    def after_fork(self) -> None:
        self.lock = threading.Lock()


_one_at_a_time = _OneAtATime()


@contextmanager
def room_for(width: int, height: int) -> Iterator[None]:
    """Wait, with a large image, until no other large one is being decoded."""
    if width * height < LARGE:
        yield
        return
    with _one_at_a_time.lock:
        yield


def reduced(
    image: Image,
    convert: Callable[[Image], Image],
    size: tuple[int, int],
    box: Box,
    *,
    filter_: Resampling,
    gap: float,
) -> tuple[Image, Box]:
    """Convert an image and average its whole blocks, as `PIL.Image.Image.resize` does with a gap.

    Returns
    -------
    The reduced image, and the box in it: resized without a gap, they give what the converted
    image would with one.
    """
    across = int((box[2] - box[0]) / size[0] / gap) or 1
    down = int((box[3] - box[1]) / size[1] / gap) or 1
    if across == 1 and down == 1:
        return convert(image), box
    safe: Any = image._get_safe_box(size, filter_, box)
    left, top, right, bottom = safe
    rows = max(1, _STRIP // (right - left) // down) * down
    out = None
    for start in range(top, bottom, rows):
        strip = convert(image.crop((left, start, right, min(start + rows, bottom))))
        small = strip.reduce((across, down))
        if out is None:
            out = small.resize((small.width, -(-(bottom - top) // down)))
        out.paste(small, (0, (start - top) // down))
    assert out is not None
    return out, (
        (box[0] - left) / across,
        (box[1] - top) / down,
        (box[2] - left) / across,
        (box[3] - top) / down,
    )
