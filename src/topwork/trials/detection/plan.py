"""Input size, levels and schedule of a detector, from the boxes that it is trained on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from topwork.data import ImageBoxes
from topwork.data.preprocessing.tiles import magnification
from topwork.heads.detection.layout import DetectionLayout
from topwork.settings.detection import MAX_TILES

Sizes = Sequence[tuple[int, int]]

STEP: Final = 32
"""Sides of the input are multiples of it, the coarsest stride of the maps."""

INPUTS: Final = ((320, 40.0), (416, 24.0), (512, 0.0))
"""Side of a square of the input's area, and the lower quartile of box sides, in pixels of the
input, that each class must have there for it to be large enough."""

COARSE: Final = 48.0
"""Where the lower quartile of box sides of each class is at least this, stride 8 is left out."""

FINE_CUTS: Final = ("blocks.2", "blocks.4", "blocks.6")
COARSE_CUTS: Final = FINE_CUTS[1:]

SMALL: Final = 12.0
"""Where the lower quartile of box sides of a class is less than this in the largest input, in
pixels, images are seen in tiles as well."""

LARGE_ENOUGH: Final = 20.0
"""The same in a tile, where there are tiles enough."""

_ENLARGED: Final = 1.25
"""Times its own size that an image is shown in tiles at most."""

PATCHES: Final = 4
"""Views besides tiles that are trained on, which show parts as large as tiles."""

VIEWS: Final = 1500
"""Of all images together that are worth their extraction."""
MIN_VIEWS, MAX_VIEWS = 4, 12

_MAX_ASPECT: Final = 2.0
_DENSE: Final = 8.0
"""Boxes per image from which half a batch teaches as much."""


@dataclass(frozen=True, slots=True)
class DetectionPlan:
    """What a detector sees, and how it is trained.

    Parameters
    ----------
    height, width
        Of the input, in pixels.
    cuts
        Where the frozen network ends, from fine to coarse.
    strides
        Of the levels; the last may be coarser than the last cut.
    views
        Stored of each image.
    steps, batch, learning_rate
        Of the optimiser.
    channels
        Inside the head.
    tiles
        Per side that each image is seen in besides as a whole; 1 for none.
    """

    height: int
    width: int
    cuts: tuple[str, ...]
    strides: tuple[int, ...]
    views: int = 6
    steps: int = 800
    batch: int = 8
    learning_rate: float = 1e-3
    channels: int = 64
    tiles: int = 1

    @property
    def layout(self) -> DetectionLayout:
        return DetectionLayout(self.height, self.width, self.strides)

    @property
    def judged_views(self) -> range:
        """Of an image, those in which its objects are found: as a whole, and its tiles."""
        return range(1 + self.tiles**2 if self.tiles > 1 else 1)


def larger_input(plan: DetectionPlan) -> int | None:
    """The side of the largest input, where a plan's is clearly smaller; None otherwise."""
    side, largest = (plan.height * plan.width) ** 0.5, INPUTS[-1][0]
    return largest if side < 0.9 * largest else None


def needed_tiles(boxes: Sequence[ImageBoxes], sizes: Sizes, *, n_classes: int) -> int:
    """Tiles per side in which small objects are large enough; 1 where they are without.

    Images are not enlarged beyond their own pixels, and a class counts as small by the lower
    quartile of its box sides.

    Parameters
    ----------
    sizes
        Width and height of each of the n images.
    """
    largest = INPUTS[-1][0]
    seen = largest * _smallest_class(boxes, _relative_sides(boxes, sizes), n_classes)
    pixels = float(np.median([math.sqrt(w * h) for w, h in sizes])) / largest
    if not 0 < seen < SMALL:
        return 1
    useful = [n for n in range(2, MAX_TILES + 1) if magnification(n) <= _ENLARGED * pixels]
    enough = (n for n in useful if seen * magnification(n) >= LARGE_ENOUGH)
    return next(enough, useful[-1] if useful else 1)


def plan_detection(
    boxes: Sequence[ImageBoxes],
    sizes: Sizes,
    *,
    n_classes: int,
    side: int | None = None,
    tiles: int = 1,
) -> DetectionPlan:
    """The plan for n annotated images.

    Parameters
    ----------
    sizes
        Width and height of each image.
    side
        Of a square of the input's area; None to choose by the boxes.
    tiles
        Per side.
    """
    aspect = float(np.exp(np.median([np.log(w / h) for w, h in sizes])))
    aspect = min(max(aspect, 1 / _MAX_ASPECT), _MAX_ASPECT)
    relative = _relative_sides(boxes, sizes)
    smallest = _smallest_class(boxes, relative, n_classes) * magnification(tiles)
    if side is None:
        side = next(s for s, least in INPUTS if smallest * s >= least or s == INPUTS[-1][0])
    height = _rounded(side / aspect**0.5)
    width = _rounded(side * aspect**0.5)
    coarse = smallest * side >= COARSE
    annotated = [len(one) for one in boxes if len(one)]
    dense = bool(annotated) and float(np.mean(annotated)) >= _DENSE
    return DetectionPlan(
        height=height,
        width=width,
        cuts=COARSE_CUTS if coarse else FINE_CUTS,
        strides=(16, 32, 64) if coarse else (8, 16, 32),
        views=(
            max(MIN_VIEWS, min(MAX_VIEWS, round(VIEWS / len(sizes))))
            if tiles == 1
            else 1 + tiles**2 + PATCHES
        ),
        batch=4 if dense else 8,
        learning_rate=2e-3 if dense else 1e-3,
        tiles=tiles,
    )


def _relative_sides(boxes: Sequence[ImageBoxes], sizes: Sizes) -> list[NDArray[np.float32]]:
    """Root of the area of each box, as a share of that of its image."""
    return [
        np.sqrt(np.maximum(one.areas(), 0) / (w * h))
        for one, (w, h) in zip(boxes, sizes, strict=True)
    ]


def _smallest_class(
    boxes: Sequence[ImageBoxes], relative: Sequence[NDArray[np.float32]], n_classes: int
) -> float:
    """The lower quartile of the relative sides of the class where that is least."""
    classes = np.concatenate([one.classes for one in boxes])
    sides = np.concatenate(relative)
    present = [c for c in range(n_classes) if (classes == c).any()]
    return min((float(np.quantile(sides[classes == c], 0.25)) for c in present), default=1.0)


def _rounded(pixels: float) -> int:
    return max(2, round(pixels / STEP)) * STEP
