"""Input size, levels and schedule of a detector, from the boxes that it is trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from topwork.data import ImageBoxes
from topwork.heads.detection.layout import DetectionLayout

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

    @property
    def layout(self) -> DetectionLayout:
        return DetectionLayout(self.height, self.width, self.strides)


def larger_input(plan: DetectionPlan) -> int | None:
    """The side of the largest input, where a plan's is clearly smaller; None otherwise."""
    side, largest = (plan.height * plan.width) ** 0.5, INPUTS[-1][0]
    return largest if side < 0.9 * largest else None


def plan_detection(
    boxes: Sequence[ImageBoxes], sizes: Sizes, *, n_classes: int, side: int | None = None
) -> DetectionPlan:
    """The plan for n annotated images.

    Parameters
    ----------
    sizes
        Width and height of each image.
    side
        Of a square of the input's area; None to choose by the boxes.
    """
    aspect = float(np.exp(np.median([np.log(w / h) for w, h in sizes])))
    aspect = min(max(aspect, 1 / _MAX_ASPECT), _MAX_ASPECT)
    relative = _relative_sides(boxes, sizes)
    smallest = _smallest_class(boxes, relative, n_classes)
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
        views=max(MIN_VIEWS, min(MAX_VIEWS, round(VIEWS / len(sizes)))),
        batch=4 if dense else 8,
        learning_rate=2e-3 if dense else 1e-3,
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
