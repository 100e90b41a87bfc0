"""Objects and detections of all images in flat arrays, and which of them overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topwork.data.targets.boxes import BoxTargets
from topwork.errors import ParameterError
from topwork.heads.detection.overlap import overlap
from topwork.metrics.detection.detections import Detections

#: Detections of one class in one image that are judged, the most confident ones, as in COCO.
MAX_DETECTIONS = 100
#: Pairs of boxes whose overlap is computed at once.
_MAX_PAIRS = 2_000_000

Int = NDArray[np.int64]
Float64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FlatBoxes:
    """Boxes of n images and k classes, one after the other.

    Parameters
    ----------
    corners
        float32 (m, 4).
    image
        Image of each, int64 (m,).
    classes
        int64 (m,).
    """

    corners: NDArray[np.float32]
    image: Int
    classes: Int

    def take(self, indices: NDArray[np.intp]) -> FlatBoxes:
        """Keep some of the boxes."""
        return FlatBoxes(self.corners[indices], self.image[indices], self.classes[indices])


@dataclass(frozen=True, eq=False)
class Pairs:
    """Which detections overlap which objects, by how much.

    Parameters
    ----------
    detection, item
        int64 (p,): position of the detection and of the object; detections ascend, and objects
        within them.
    overlap
        Intersection over union, (p,).
    """

    detection: Int
    item: Int
    overlap: Float64


@dataclass(frozen=True, eq=False)
class FlatDetections:
    """What is judged: the objects of n images, and what was found.

    Parameters
    ----------
    n_images, n_classes
        n and k.
    objects, ignored
        The objects, and which of them are not judged, (o,).
    found, scores
        The detections and their scores, float64 (m,): by class, then descending score, then
        image. More than ``MAX_DETECTIONS`` of a class in an image are cut.
    rows
        Position of each detection among those of its image, (m,).
    """

    n_images: int
    n_classes: int
    objects: FlatBoxes
    ignored: NDArray[np.bool_]
    found: FlatBoxes
    scores: Float64
    rows: Int


def flatten(targets: BoxTargets, detections: Sequence[Detections]) -> FlatDetections:
    """Put the objects and the detections of all images one after the other.

    Raises
    ------
    ParameterError
        There is not one entry of ``detections`` for each image, or a class is not in the labels.
    """
    if len(detections) != len(targets):
        raise ParameterError(
            f"detections has {len(detections)} entries, expected {len(targets)}.",
            remedy="Give one for each image, empty where nothing was found.",
        )
    k = len(targets.labels)
    objects = _flat([(i.corners, i.classes) for i in targets.images], k)
    found = _flat([(d.corners, d.classes) for d in detections], k)
    scores = _joined([d.scores for d in detections], np.float64)
    rows = _joined([np.arange(len(d)) for d in detections], np.int64)
    judged = np.flatnonzero(rank_within(found.image * k + found.classes) < MAX_DETECTIONS)
    order = judged[np.lexsort((-scores[judged], found.classes[judged]))]
    return FlatDetections(
        n_images=len(targets),
        n_classes=k,
        objects=objects,
        ignored=_joined([i.ignored for i in targets.images], np.bool_),
        found=found.take(order),
        scores=scores[order],
        rows=rows[order],
    )


def _flat(boxes: list[tuple[NDArray[np.float32], Int]], n_classes: int) -> FlatBoxes:
    image = np.repeat(np.arange(len(boxes)), [len(classes) for _, classes in boxes])
    classes = _joined([classes for _, classes in boxes], np.int64)
    if len(classes) and not (classes.min() >= 0 and classes.max() < n_classes):
        raise ParameterError(
            f"classes go from {classes.min()} to {classes.max()}, expected 0 to {n_classes - 1}.",
            remedy="Give positions in the labels.",
        )
    corners = _joined([corners for corners, _ in boxes], np.float32)
    return FlatBoxes(corners.reshape(-1, 4), image.astype(np.int64), classes)


def _joined(arrays: Sequence[NDArray[Any]], kind: type[np.generic]) -> NDArray[Any]:
    return np.concatenate(arrays).astype(kind) if arrays else np.empty(0, dtype=kind)


def rank_within(cells: NDArray[np.integer]) -> Int:
    """How many earlier entries have the same value, (m,).

    Examples
    --------
    >>> rank_within(np.array([4, 7, 4, 4])).tolist()
    [0, 0, 1, 2]
    """
    order = np.argsort(cells, kind="stable")
    ordered = cells[order]
    begins = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(cells) else order
    lengths = np.diff(np.r_[begins, len(cells)])
    rank = np.empty(len(cells), dtype=np.int64)
    rank[order] = np.arange(len(cells)) - np.repeat(begins, lengths)
    return rank


def overlapping(flat: FlatDetections, least: float, *, same_class: bool = True) -> Pairs:
    """Pairs of a detection and an object of its image that overlap by at least ``least``.

    Parameters
    ----------
    flat
        What is judged.
    least
        Smallest intersection over union, above 0; with ignored objects the intersection over the
        area of the detection.
    same_class
        Whether the object must be of the detection's class.
    """
    step = flat.n_classes if same_class else 0
    cell = flat.objects.image * max(step, 1) + flat.objects.classes * bool(step)
    own = flat.found.image * max(step, 1) + flat.found.classes * bool(step)
    order = np.argsort(cell, kind="stable")
    begins = np.searchsorted(cell[order], own, side="left")
    counts = np.searchsorted(cell[order], own, side="right") - begins
    pieces = [
        _pairs(flat, order[_ranges(begins[part], counts[part])], counts, part, least=least)
        for part in _parts(counts, _MAX_PAIRS)
    ]
    return Pairs(*(np.concatenate(column) for column in zip(*pieces, strict=True)))


def _parts(counts: Int, most: int) -> list[slice]:
    """Slices of the detections, each with at most so many pairs, or one detection."""
    total = np.cumsum(counts)
    cuts: list[slice] = []
    begin = 0
    while begin < len(counts) or not cuts:
        before = total[begin - 1] if begin else 0
        end = max(int(np.searchsorted(total, before + most, side="right")), begin + 1)
        cuts.append(slice(begin, min(end, len(counts))))
        begin = end
    return cuts


def _ranges(begins: Int, counts: Int) -> Int:
    """begin, begin + 1, … for each, one after the other."""
    offsets = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.asarray(np.repeat(begins, counts) + offsets)


def _pairs(
    flat: FlatDetections, item: Int, counts: Int, part: slice, *, least: float
) -> tuple[Int, Int, Float64]:
    """Of some detections with all objects ``item`` that they can match, those that overlap."""
    detection = np.repeat(np.arange(part.start, part.stop), counts[part])
    shares = overlap(flat.found.corners[detection], flat.objects.corners[item], flat.ignored[item])
    kept = shares >= least
    return detection[kept], item[kept], shares[kept]
