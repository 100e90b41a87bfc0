"""Intersection over union of boxes given by their corners x1, y1, x2, y2 in pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]


def box_areas(corners: NDArray[np.floating]) -> Float64:
    """Width × height of boxes (…, 4), in square pixels.

    Examples
    --------
    >>> box_areas(np.array([[0, 0, 4, 2]], np.float32)).tolist()
    [8.0]
    """
    boxes = corners.astype(np.float64)
    return np.asarray((boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1]))


def intersections(one: NDArray[np.floating], other: NDArray[np.floating]) -> Float64:
    """Area that boxes share with others, in square pixels; shapes (…, 4) broadcast."""
    a, b = one.astype(np.float64), other.astype(np.float64)
    width = np.minimum(a[..., 2], b[..., 2]) - np.maximum(a[..., 0], b[..., 0])
    height = np.minimum(a[..., 3], b[..., 3]) - np.maximum(a[..., 1], b[..., 1])
    return np.asarray(np.maximum(width, 0) * np.maximum(height, 0))


def overlap(
    found: NDArray[np.floating],
    objects: NDArray[np.floating],
    crowd: NDArray[np.bool_] | None = None,
) -> Float64:
    """Intersection over union of found boxes and objects; shapes (…, 4) broadcast.

    Parameters
    ----------
    found, objects
        Corners.
    crowd
        (…,), where the object is a region of many: the intersection is then divided by the area
        of the found box alone, as COCO does.

    Examples
    --------
    >>> found, objects = np.array([[0.0, 0, 4, 4]]), np.array([[0.0, 0, 8, 4]])
    >>> overlap(found, objects).tolist(), overlap(found, objects, np.array([True])).tolist()
    ([0.5], [1.0])
    """
    shared, area = intersections(found, objects), box_areas(found)
    union = area + box_areas(objects) - shared
    if crowd is not None:
        union = np.where(crowd, area, union)
    return np.asarray(shared / np.where(shared > 0, union, 1))


def pairwise_iou(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float32]:
    """Intersection over union of boxes ``(m, 4)`` with boxes ``(n, 4)``, ``(m, n)``.

    Examples
    --------
    >>> a, b = np.float32([[0, 0, 2, 2]]), np.float32([[1, 0, 3, 2], [5, 5, 6, 6]])
    >>> pairwise_iou(a, b).round(3).tolist()
    [[0.333..., 0.0]]
    """
    return overlap(first[:, None], second[None]).astype(np.float32)
