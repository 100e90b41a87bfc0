"""Written boxes as boxes of the upright image, each checked against it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.data.boxes.annotations import AnnotatedImage, shown
from topwork.data.images.stored_size import StoredSize
from topwork.data.targets.boxes import BoxIssue

SLACK = 0.5
"""Pixels beyond the edge of an image that come from rounding; they are cut off without a word."""


@dataclass(frozen=True, slots=True)
class PlacedBoxes:
    """The m boxes of one image that are kept.

    Parameters
    ----------
    corners
        float32 (m, 4), in pixels of the upright image.
    labels, ignored
        m entries each.
    issues
        What was not taken as it is written.
    """

    corners: NDArray[np.float32]
    labels: tuple[str, ...]
    ignored: NDArray[np.bool_]
    issues: tuple[BoxIssue, ...]


def place_boxes(
    written: AnnotatedImage, size: StoredSize | None, counts: Counter[str]
) -> PlacedBoxes:
    """Bring the boxes of an image to its upright pixels and leave out those that can't be right.

    The size that the annotation says tells which way up its boxes were drawn: as the image is
    shown, or as its pixels lie in the file. Another size of the same shape is that of an image that
    was scaled after it was annotated.

    Parameters
    ----------
    size
        Of the image; None where its header can't be read. Then its pixels are taken as they are
        written, and fractions are no boxes.
    counts
        Counts images whose boxes were turned with them (``turned``), or may have been drawn either
        way up (``either_way_up``).
    """
    corners = np.array(written.corners, np.float64).reshape(-1, 4)
    checked = _Checked(written, np.arange(len(corners)), list(written.issues))
    checked.leave_out(np.logical_not(np.isfinite(corners).all(1)), "not_a_number")
    corners = checked.swapped(corners)
    empty = (corners[:, :2] == corners[:, 2:]).any(1)
    checked.leave_out(empty, "zero_area")
    if size is None:
        if written.fractions:
            checked.rows = checked.rows[:0]
        return checked.result(corners.astype(np.float32))
    corners = checked.upright(corners, size, counts)
    width, height = size.upright
    x1, y1, x2, y2 = corners.T
    checked.leave_out((x1 >= width) | (y1 >= height) | (x2 <= 0) | (y2 <= 0), "outside")
    limits = np.array([width, height, width, height], np.float64)
    inside = corners.clip(0, limits)
    checked.note(np.abs(corners - inside).max(1, initial=0) > SLACK, "clipped")
    return checked.result(inside.astype(np.float32))


@dataclass(slots=True)
class _Checked:
    """The boxes of an image while they are checked.

    Parameters
    ----------
    rows
        Those that are kept so far.
    """

    written: AnnotatedImage
    rows: NDArray[np.intp]
    issues: list[BoxIssue]

    def issue(self, reason: str, detail: str) -> None:
        self.issues.append(BoxIssue(self.written.path, reason, detail))

    def note(self, where: NDArray[np.bool_], reason: str) -> None:
        """Note something of those boxes that are kept so far."""
        for row in self.rows[where[self.rows]]:
            box = f"{self.written.labels[row]} {shown(self.written.corners[row])}"
            self.issue(reason, box)

    def leave_out(self, where: NDArray[np.bool_], reason: str) -> None:
        self.note(where, reason)
        self.rows = self.rows[~where[self.rows]]

    def swapped(self, corners: NDArray[np.float64]) -> NDArray[np.float64]:
        """The corners in order: the order of two corners says nothing."""
        low = np.minimum(corners[:, :2], corners[:, 2:])
        high = np.maximum(corners[:, :2], corners[:, 2:])
        self.note((low != corners[:, :2]).any(1), "swapped")
        return np.concatenate([low, high], axis=1)

    def upright(
        self, corners: NDArray[np.float64], size: StoredSize, counts: Counter[str]
    ) -> NDArray[np.float64]:
        """Corners in pixels of the upright image."""
        told, shape, lying = self.written.size, size.upright, (size.width, size.height)
        if self.written.fractions:
            counts["either_way_up"] += size.turn != 1
            return corners * np.tile(np.array(shape, np.float64), 2)
        if told is None or told == shape:
            counts["either_way_up"] += size.turn != 1 and (told is None or shape == lying)
            return corners
        if told == lying:
            counts["turned"] += 1
            return size.turned(corners)
        detail = f"{told[0]:g} × {told[1]:g} annotated, {shape[0]} × {shape[1]} in the file"
        for frame in (shape, lying):
            if _same_shape(told, frame):
                self.issue("scaled", detail)
                scaled = corners * np.tile(np.array(frame) / np.array(told), 2)
                counts["turned"] += frame != shape
                return scaled if frame == shape else size.turned(scaled)
        self.issue("other_size", detail)
        return corners

    def result(self, corners: NDArray[np.float32]) -> PlacedBoxes:
        """What is kept, without boxes that have no area left and without the same box twice."""
        flat = (corners[:, 0] >= corners[:, 2]) | (corners[:, 1] >= corners[:, 3])
        self.leave_out(flat, "zero_area")
        seen: set[tuple[object, ...]] = set()
        twice = np.zeros(len(corners), np.bool_)
        for row in self.rows:
            key = (self.written.labels[row], self.written.ignored[row], *corners[row].tolist())
            twice[row] = key in seen
            seen.add(key)
        self.leave_out(twice, "duplicate")
        return PlacedBoxes(
            corners[self.rows],
            tuple(self.written.labels[row] for row in self.rows),
            np.array(self.written.ignored, np.bool_)[self.rows],
            tuple(self.issues),
        )


def _same_shape(told: tuple[float, float], shape: tuple[int, int]) -> bool:
    """Whether one is the other, scaled and rounded to whole pixels."""
    off = abs(told[0] * shape[1] - told[1] * shape[0])
    return off <= max(*told, *shape)
