"""What is known of detected boxes besides their class: a row of numbers for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.errors import ParameterError
from topwork.heads.detection.overlap import box_areas, overlap
from topwork.metrics.detection.detections import Detections

#: The numbers that every box has: its score's log odds and their square, log size, log aspect,
#: distance to the border, and four about the other boxes of the image.
BOX_COLUMNS = 9
_SMALLEST = 1e-6
_NEAR, _SAME_PLACE = 0.3, 0.5
_MAX_MARGIN = 6.0

Float64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class BoxFeatures:
    """Features of the m detections of n images, one image after the other.

    Parameters
    ----------
    rows
        Scores and shapes, float64 (m, ``BOX_COLUMNS``).
    classes
        int64 (m,).
    image
        Image of each, int64 (m,), ascending.
    network
        What a network says of each box, float32 (m, f); None without.
    """

    rows: Float64
    classes: NDArray[np.int64]
    image: NDArray[np.int64]
    network: NDArray[np.float32] | None = None

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, kept: NDArray[np.bool_], network: NDArray[np.float32]) -> BoxFeatures:
        """Some of the boxes, with what a network says of these, (m', f)."""
        return BoxFeatures(self.rows[kept], self.classes[kept], self.image[kept], network)


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
    [[0.0, 0.0, -0.69, 0.69, 0.0, 0.0, 0.0, 0.0, 6.0]]
    """
    _check(detections, sizes, features)
    rows = [
        _box_rows(found, width, height)
        for found, (width, height) in zip(detections, sizes, strict=True)
    ]
    counts = [len(found) for found in detections]
    classes = [found.classes for found in detections]
    return BoxFeatures(
        rows=np.concatenate(rows) if rows else np.empty((0, BOX_COLUMNS)),
        classes=np.concatenate(classes) if classes else np.empty(0, dtype=np.int64),
        image=np.repeat(np.arange(len(detections)), counts).astype(np.int64),
        network=np.concatenate(features).astype(np.float32) if features else None,
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
    return np.column_stack(
        [
            odds,
            odds**2 / 10,
            size,
            np.log(sides[:, 0] / sides[:, 1]),
            border,
            *_crowding(found, odds),
        ]
    )


def _crowding(found: Detections, odds: Float64) -> tuple[Float64, ...]:
    """What the other boxes of the image say of each, four columns (m,).

    An object has one class and one box: the largest overlap with a more confident box of the same
    class, log(1 + the number of such boxes), the largest overlap with one of another class, and how
    far the log odds lie above those of the best box of another class on the same place, at most 6.
    """
    m = len(found)
    shares = overlap(found.corners[:, None], found.corners[None, :])
    same = found.classes[:, None] == found.classes[None, :]
    earlier = np.where(np.tri(m, k=-1, dtype=bool), shares, 0.0)
    own, other = np.where(same, earlier, 0.0), np.where(same, 0.0, earlier)
    rivals = np.where(~same & (shares >= _SAME_PLACE), odds[None, :], -np.inf)
    return (
        own.max(axis=1, initial=0.0),
        np.log1p((own >= _NEAR).sum(axis=1)),
        other.max(axis=1, initial=0.0),
        np.clip(odds - rivals.max(axis=1, initial=-np.inf), -_MAX_MARGIN, _MAX_MARGIN),
    )
