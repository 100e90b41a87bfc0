"""Where boxes of an image lie in the input of a network, and back."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from topwork.data.preprocessing.framing import Framing, place
from topwork.data.targets.boxes import ImageBoxes

Float32 = NDArray[np.float32]

MIN_VISIBLE = 0.35
"""Share of an object's box that a view must show for the object to be learnt from it."""

MIN_SIDE = 2.0
"""Pixels of the input that an object must have in both directions to be learnt."""


def into_input(corners: Float32, framing: Framing, size: tuple[int, int]) -> Float32:
    """Boxes of an image in pixels of the input, not clipped.

    Parameters
    ----------
    corners
        ``(m, 4)``: x1, y1, x2, y2 in pixels of the upright image.
    size
        Width and height of the image.

    Examples
    --------
    >>> box = np.float32([[0, 0, 100, 50]])
    >>> into_input(box, Framing(100, 100, "pad"), (200, 100)).tolist()
    [[0.0, 25.0, 50.0, 50.0]]
    """
    scale, shift = _map(framing, size)
    placed = corners * scale + shift
    if framing.mirrored:
        placed = np.stack(
            [
                framing.width - placed[:, 2],
                placed[:, 1],
                framing.width - placed[:, 0],
                placed[:, 3],
            ],
            axis=1,
        )
    return np.asarray(placed, np.float32)


def into_image(corners: Float32, framing: Framing, size: tuple[int, int]) -> Float32:
    """Boxes of the input in pixels of the upright image, clipped to it; the framing isn't mirrored.

    Examples
    --------
    >>> box = np.float32([[0, 25, 50, 90]])
    >>> into_image(box, Framing(100, 100, "pad"), (200, 100)).tolist()
    [[0.0, 0.0, 100.0, 100.0]]
    """
    scale, shift = _map(framing, size)
    found = (corners - shift) / scale
    limits = np.array([*size, *size], np.float32)
    return np.asarray(np.clip(found, 0, limits), np.float32)


def _map(framing: Framing, size: tuple[int, int]) -> tuple[Float32, Float32]:
    placement = place(framing, *size)
    left, top, right, bottom = placement.box
    across, down = placement.width / (right - left), placement.height / (bottom - top)
    scale = np.array([across, down, across, down], np.float32)
    x, y = placement.x - left * across, placement.y - top * down
    return scale, np.array([x, y, x, y], np.float32)


def boxes_in_view(boxes: ImageBoxes, framing: Framing, size: tuple[int, int]) -> ImageBoxes:
    """The objects that a view of an image shows, in pixels of the input.

    A box that the view cuts is clipped; where less than `MIN_VISIBLE` of it is left nothing is
    learnt of the object, and where nothing to speak of is left it is gone.

    Parameters
    ----------
    size
        Width and height of the upright image.
    """
    placed = into_input(boxes.corners, framing, size)
    limits = visible_part(framing, size)
    clipped = np.clip(placed, limits[[0, 1, 0, 1]], limits[[2, 3, 2, 3]])
    sides = clipped[:, 2:] - clipped[:, :2]
    whole = np.maximum((placed[:, 2:] - placed[:, :2]).prod(axis=1), 1e-6)
    visible = sides.prod(axis=1) / whole
    there = (sides > 0).all(axis=1) & (visible > 0.05)
    ignored = boxes.ignored | (visible < MIN_VISIBLE) | (sides <= MIN_SIDE).any(axis=1)
    return ImageBoxes(clipped[there], boxes.classes[there], ignored[there])


def visible_part(framing: Framing, size: tuple[int, int]) -> Float32:
    """The part of the input that shows the image: left, top, right, bottom."""
    placement = place(framing, *size)
    left, right = placement.x, placement.x + placement.width
    if framing.mirrored:
        left, right = framing.width - right, framing.width - left
    return np.array([left, placement.y, right, placement.y + placement.height], np.float32)
