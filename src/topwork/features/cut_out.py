"""Features of the parts of images that boxes show, each at the network's own input size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from topwork.backbones.engines import Engine
from topwork.data import Content, Framing, Modality
from topwork.features.forward import ordered_map

Float32 = NDArray[np.float32]

_MAX_SIDE = 4096
"""Pixels of the longer side that an image is cut at."""

_MIN_SIDE = 2.0
_AHEAD = 8


@dataclass(frozen=True, slots=True)
class Cuts:
    """The parts of one image that are wanted.

    Parameters
    ----------
    content
        The image as it was read.
    size
        Its width and height, upright.
    corners
        x1, y1, x2, y2 in its pixels, (p, 4).
    """

    content: Content
    size: tuple[int, int]
    corners: Float32


def cut_features(
    wanted: Sequence[Cuts], *, kind: Modality, framing: Framing, engine: Engine
) -> list[Float32]:
    """Features of every part of n images, float32 (p, f) each.

    Parameters
    ----------
    framing
        How a part becomes the network's input; its window is replaced.
    engine
        With pooled features as its first output.
    """

    def decoded(one: Cuts) -> NDArray[np.uint8]:
        return _pixels(one, kind, framing)

    def batches() -> Iterator[tuple[tuple[int, int], NDArray[np.uint8]]]:
        ahead = (
            map(decoded, wanted)
            if len(wanted) == 1
            else ordered_map(decoded, wanted, window=_AHEAD)
        )
        for i, pixels in enumerate(ahead):
            for start in range(0, len(pixels), engine.batch):
                yield (i, start), pixels[start : start + engine.batch]

    parts: list[dict[int, Float32]] = [{} for _ in wanted]
    for (i, start), outputs in engine.run(batches()):
        parts[i][start] = np.asarray(outputs[0], np.float32)
    width = next((rows.shape[1] for one in parts for rows in one.values()), 0)
    none = np.empty((0, width), np.float32)
    return [np.concatenate([none, *(one[start] for start in sorted(one))]) for one in parts]


def _pixels(one: Cuts, kind: Modality, framing: Framing) -> NDArray[np.uint8]:
    """The parts as inputs of the network, uint8 (p, h, w, 3); the image is decoded once."""
    if not len(one.corners):
        return np.empty((0, framing.height, framing.width, 3), np.uint8)
    scale = min(1.0, _MAX_SIDE / max(one.size))
    width, height = (max(1, round(side * scale)) for side in one.size)
    whole = Content(one.content.key, kind.decode(one.content, Framing(height, width)))
    return np.stack(
        [
            kind.decode(whole, replace(framing, window=_window(corners, one.size)))
            for corners in one.corners
        ]
    )


def _window(corners: Float32, size: tuple[int, int]) -> tuple[float, float, float, float]:
    """A box as shares of the image, inside of it and at least 2 pixels wide and high."""
    left, right = _span(float(corners[0]), float(corners[2]), size[0])
    top, bottom = _span(float(corners[1]), float(corners[3]), size[1])
    return left, top, right, bottom


def _span(low: float, high: float, side: int) -> tuple[float, float]:
    least = min(_MIN_SIDE, side)
    low = min(max(low, 0.0), side - least)
    return low / side, min(max(high, low + least), side) / side
