"""What is known of detected boxes besides their class: a row of numbers for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.errors import ParameterError
from topwork.metrics.detection.detections import Detections
from topwork.metrics.detection.overlap import box_areas, overlap

#: The numbers that every box has: its score's log odds and their square, log size, log aspect,
#: distance to the border, overlap with a more confident box of its class, and how many there are.
BOX_COLUMNS = 7
_SMALLEST = 1e-6

Float64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class BoxFeatures:
    """Features of the m detections of n images, one image after the other.

    Parameters
    ----------
    rows
        float64 (m, ``BOX_COLUMNS`` + f): scores and shapes first, then features of the network.
    classes
        int64 (m,).
    image
        Image of each, int64 (m,), ascending.
    """

    rows: Float64
    classes: NDArray[np.int64]
    image: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.rows)


def box_features(
    detections: Sequence[Detections],
    sizes: NDArray[np.integer],
    features: Sequence[NDArray[np.floating]] | None = None,
) -> BoxFeatures:
    """Put together what is known of the detections of n images.

    Parameters
    ----------
    detections
        Of each image, n.
    sizes
        Width and height of each image in pixels, (n, 2).
    features
        Of each image, (mᵢ, f): what a network says of each of its boxes; none by default.

    Raises
    ------
    ParameterError
        Lengths differ.

    Examples
    --------
    >>> found = Detections.of([(0, 0, 20, 10)], [0], [0.5])
    >>> box_features([found], np.array([[40, 20]])).rows.round(2).tolist()
    [[0.0, 0.0, -0.69, 0.69, 0.0, 0.0, 0.0]]
    """
    _check(detections, sizes, features)
    rows = [
        _box_rows(found, width, height)
        for found, (width, height) in zip(detections, sizes, strict=True)
    ]
    table = np.concatenate(rows) if rows else np.empty((0, BOX_COLUMNS))
    if features is not None and len(features):
        table = np.hstack([table, np.concatenate(features).astype(np.float64)])
    counts = [len(found) for found in detections]
    classes = [found.classes for found in detections]
    return BoxFeatures(
        rows=table,
        classes=np.concatenate(classes) if classes else np.empty(0, dtype=np.int64),
        image=np.repeat(np.arange(len(detections)), counts).astype(np.int64),
    )


def _check(
    detections: Sequence[Detections],
    sizes: NDArray[np.integer],
    features: Sequence[NDArray[np.floating]] | None,
) -> None:
    if len(sizes) != len(detections):
        raise ParameterError(
            f"sizes has {len(sizes)} rows, expected {len(detections)}.",
            remedy="Give the width and height of each image.",
        )
    if features is not None and [len(f) for f in features] != [len(d) for d in detections]:
        raise ParameterError(
            "features does not have one row for each detection of each image.",
            remedy="Compute the features of the boxes in the order of their scores.",
        )


def _box_rows(found: Detections, width: int, height: int) -> Float64:
    """Score and shape of the boxes of one image, (m, ``BOX_COLUMNS``).

    The distance is that of the nearest side of the box to the border of the image, in sides of the
    box, at most 1; sizes are side lengths over those of the image.
    """
    s = np.clip(found.scores.astype(np.float64), _SMALLEST, 1 - _SMALLEST)
    odds = np.log(s) - np.log1p(-s)
    corners = found.corners.astype(np.float64)
    sides = np.maximum(corners[:, 2:] - corners[:, :2], 1e-3)
    size = np.log(np.maximum(box_areas(found.corners), 1e-6) / (width * height)) / 2
    margin = np.hstack([corners[:, :2], np.array([width, height]) - corners[:, 2:]])
    border = np.clip((margin / np.tile(sides, 2)).min(axis=1, initial=1.0), 0, 1)
    covered, count = _covered(found)
    columns = (odds, odds**2 / 10, size, np.log(sides[:, 0] / sides[:, 1]), border, covered, count)
    return np.column_stack(columns)


def _covered(found: Detections) -> tuple[Float64, Float64]:
    """Largest overlap with a more confident box of the same class, and log(1 + their number)."""
    m = len(found)
    shares = overlap(found.corners[:, None], found.corners[None, :])
    earlier = np.tri(m, k=-1, dtype=bool) & (found.classes[:, None] == found.classes[None, :])
    shares = np.where(earlier, shares, 0.0)
    return shares.max(axis=1, initial=0.0), np.log1p((shares >= 0.3).sum(axis=1))
