"""Which cells learn which object."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from topwork.heads.detection.layout import DetectionLayout
from topwork.heads.detection.overlap import box_areas, pairwise_iou

Float32 = NDArray[np.float32]

NEAREST: Final = 9
"""Cells per level that come into question for an object."""

_ANCHOR: Final = 8.0
"""Side of the box that stands for a cell, in strides."""


def assigned(corners: Float32, layout: DetectionLayout) -> NDArray[np.int64]:
    """The object that each cell learns, ``(N,)``; -1 for none.

    Adaptive training sample selection (Zhang et al. 2020, Bridging the gap between anchor-based and
    anchor-free detection, algorithm 1): of the nearest cells of each level those learn an object
    whose overlap with it exceeds the mean plus the standard deviation of all of them, and whose
    centre lies inside. A cell in several objects learns the one that it overlaps most; an object
    that would go without gets the cell nearest to its centre.

    Parameters
    ----------
    corners
        Objects, ``(m, 4)`` in pixels of the input.

    Examples
    --------
    >>> layout = DetectionLayout(64, 64, (16,))
    >>> found = assigned(np.float32([[0, 0, 30, 30]]), layout).reshape(4, 4)
    >>> found[0, 0], found[3, 3]
    (np.int64(0), np.int64(-1))
    """
    points, strides, levels = layout.points(), layout.cell_strides(), layout.levels()
    owner = np.full(len(points), -1, np.int64)
    if not len(corners):
        return owner
    centres = (corners[:, :2] + corners[:, 2:]) / 2
    distance = np.square(points[None] - centres[:, None]).sum(axis=2)
    nearby = _nearest(distance, levels)
    half = strides[:, None] * (_ANCHOR / 2)
    overlap = pairwise_iou(corners, np.concatenate([points - half, points + half], axis=1))
    chosen = np.take_along_axis(overlap, nearby, axis=1)
    enough = chosen >= chosen.mean(axis=1, keepdims=True) + chosen.std(axis=1, keepdims=True)
    candidate = np.zeros(overlap.shape, bool)
    np.put_along_axis(candidate, nearby, enough, axis=1)
    candidate &= _inside(corners, points)
    best = np.where(candidate, overlap, -1.0)
    owner = np.where(best.max(axis=0) >= 0, best.argmax(axis=0), -1)
    return _none_without(owner, distance, corners)


def _nearest(distance: Float32, levels: NDArray[np.int64]) -> NDArray[np.int64]:
    parts = []
    for level in range(int(levels.max()) + 1):
        here = np.flatnonzero(levels == level)
        k = min(NEAREST, len(here))
        parts.append(here[np.argpartition(distance[:, here], k - 1, axis=1)[:, :k]])
    return np.concatenate(parts, axis=1)


def _inside(corners: Float32, points: Float32) -> NDArray[np.bool_]:
    """Whether each point ``(N, 2)`` lies in each box ``(m, 4)``, ``(m, N)``."""
    above = (points[None] > corners[:, None, :2]).all(axis=2)
    return np.asarray(above & (points[None] < corners[:, None, 2:]).all(axis=2))


def _none_without(
    owner: NDArray[np.int64], distance: Float32, corners: Float32
) -> NDArray[np.int64]:
    """Objects too small for every grid get their nearest cell, the smallest first.

    None is taken that is the only one of another object.
    """
    missing = np.setdiff1d(np.arange(len(corners)), owner)
    counts = np.bincount(owner[owner >= 0], minlength=len(corners))
    for one in missing[np.argsort(box_areas(corners[missing]))]:
        only = (owner >= 0) & (counts[owner] == 1)
        cell = int(np.where(only, np.inf, distance[one]).argmin())
        if owner[cell] >= 0:
            counts[owner[cell]] -= 1
        owner[cell], counts[one] = one, 1
    return owner
