"""Features of the parts of images that boxes show, each at the network's own input size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from topwork.backbones.engines import Engine
from topwork.data import Content, Framing, Modality
from topwork.data.preprocessing.framing import needed_size, place, render
from topwork.features.forward import ordered_map

Float32 = NDArray[np.float32]

_MAX_SIDE = 4096
"""Pixels of the longer side that an image is cut at."""

_REDUCED = (8, 4, 2, 1)
"""What JPEG files are decoded at a fraction of soonest."""

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

    The parts of a single image are cut while the network sees those before.

    Parameters
    ----------
    framing
        How a part becomes the network's input; its window is replaced.
    engine
        With pooled features as its first output.
    """

    def parts_of(one: Cuts) -> Iterator[NDArray[np.uint8]]:
        return _parts(one, kind, framing)

    def decoded(one: Cuts) -> list[NDArray[np.uint8]]:
        return list(parts_of(one))

    def batches() -> Iterator[tuple[tuple[int, int], NDArray[np.uint8]]]:
        ahead: Iterable[Iterable[NDArray[np.uint8]]] = (
            map(parts_of, wanted)
            if len(wanted) == 1
            else ordered_map(decoded, wanted, window=_AHEAD)
        )
        for i, found in enumerate(ahead):
            left, start = iter(found), 0
            while some := list(islice(left, engine.batch)):
                yield (i, start), np.stack(some)
                start += len(some)

    parts: list[dict[int, Float32]] = [{} for _ in wanted]
    for (i, start), outputs in engine.run(batches()):
        parts[i][start] = np.asarray(outputs[0], np.float32)
    width = next((rows.shape[1] for one in parts for rows in one.values()), 0)
    none = np.empty((0, width), np.float32)
    return [np.concatenate([none, *(one[start] for start in sorted(one))]) for one in parts]


def _parts(one: Cuts, kind: Modality, framing: Framing) -> Iterator[NDArray[np.uint8]]:
    """The parts as inputs of the network, uint8 (h, w, 3) each; the image is decoded once."""
    if not len(one.corners):
        return
    from PIL import Image

    framings = [replace(framing, window=_window(corners, one.size)) for corners in one.corners]
    width, height = _whole_size(framings, one.size)
    whole = Image.fromarray(kind.decode(one.content, Framing(height, width)))
    for own in framings:
        yield render(whole, own, place(own, *one.size), size=one.size)


def _whole_size(framings: Sequence[Framing], size: tuple[int, int]) -> tuple[int, int]:
    """Width and height to decode an image at, so that no part loses anything.

    Examples
    --------
    >>> half = Framing(100, 100, window=(0.0, 0.0, 0.5, 0.5))
    >>> _whole_size([half], (1000, 900)), _whole_size([half], (300, 300))
    ((250, 225), (300, 300))
    """
    needed = [needed_size(place(one, *size), *size) for one in framings]
    width, height = (max(sides) for sides in zip(*needed, strict=True))
    for factor in _REDUCED:
        whole = -(-size[0] // factor), -(-size[1] // factor)
        if whole[0] >= width and whole[1] >= height:
            break
    scale = min(1.0, _MAX_SIDE / max(whole))
    return max(1, round(whole[0] * scale)), max(1, round(whole[1] * scale))


def _window(corners: Float32, size: tuple[int, int]) -> tuple[float, float, float, float]:
    """A box as shares of the image, inside of it and at least 2 pixels wide and high."""
    left, right = _span(float(corners[0]), float(corners[2]), size[0])
    top, bottom = _span(float(corners[1]), float(corners[3]), size[1])
    return left, top, right, bottom


def _span(low: float, high: float, side: int) -> tuple[float, float]:
    least = min(_MIN_SIDE, side)
    low = min(max(low, 0.0), side - least)
    return low / side, min(max(high, low + least), side) / side
