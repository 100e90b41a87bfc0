"""Tracks that cross a line, and how many are in a zone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from topwork.settings.watch import Line, Zone

Direction = Literal["left_to_right", "right_to_left"]
"""As seen by somebody who looks along the line from its first point to its second."""

_MARGIN: Final = 0.05
"""Of a box's smaller side: so far it must be from a line to be on one side of it, else a box that
trembles on the line would cross it again and again."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """A track that crossed a line.

    Parameters
    ----------
    track
        Which.
    direction
        Which way.
    """

    track: int
    direction: Direction


class LineCounter:
    """Counts tracks whose centre crosses a line segment, once for each time.

    Parameters
    ----------
    line
        x1, y1, x2, y2 in pixels.

    Examples
    --------
    >>> counter = LineCounter((50, 0, 50, 100))
    >>> for x in (30, 45, 60):
    ...     crossed = counter.update([7], np.float64([[x - 5, 40, x + 5, 50]]))
    >>> crossed, counter.counts["right_to_left"]
    ([Crossing(track=7, direction='right_to_left')], 1)
    """

    def __init__(self, line: Line) -> None:
        self.line = line
        self.counts: dict[Direction, int] = {"left_to_right": 0, "right_to_left": 0}
        self._start, self._end = np.array(line, np.float64).reshape(2, 2)
        self._last: dict[int, tuple[float, NDArray[np.float64]]] = {}

    def update(self, tracks: Sequence[int], corners: NDArray[np.floating]) -> list[Crossing]:
        """Take where tracks are now, ``(m, 4)``; which of them crossed."""
        crossed: list[Crossing] = []
        for track, box in zip(tracks, np.asarray(corners, np.float64), strict=True):
            centre, margin = (box[:2] + box[2:]) / 2, _MARGIN * (box[2:] - box[:2]).min()
            distance = self._distance(centre)
            before = self._last.get(track)
            if abs(distance) <= margin and before is not None:
                continue
            self._last[track] = (distance, centre)
            if before is None or (before[0] > 0) == (distance > 0):
                continue
            if self._meets(before[1], centre):
                direction: Direction = "left_to_right" if distance > 0 else "right_to_left"
                self.counts[direction] += 1
                crossed.append(Crossing(track, direction))
        return crossed

    def forget(self, tracks: Iterable[int]) -> None:
        """Tracks that are over."""
        for track in tracks:
            self._last.pop(track, None)

    def _distance(self, point: NDArray[np.float64]) -> float:
        """From the line, in pixels; above 0 on its right."""
        along, to = self._end - self._start, point - self._start
        return float((along[0] * to[1] - along[1] * to[0]) / np.hypot(*along))

    def _meets(self, first: NDArray[np.float64], second: NDArray[np.float64]) -> bool:
        """Whether the way between two points leads through the segment."""
        a, b = self._distance(first), self._distance(second)
        point = first + (second - first) * (a / (a - b))
        along = self._end - self._start
        share = float((point - self._start) @ along / (along @ along))
        return 0 <= share <= 1


class ZoneCounter:
    """Counts the tracks whose centre is in a polygon.

    Parameters
    ----------
    zone
        The corners of the polygon, in pixels.

    Examples
    --------
    >>> counter = ZoneCounter(((0, 0), (10, 0), (10, 10), (0, 10)))
    >>> counter.update([1, 2], np.float64([[4, 4, 6, 6], [20, 4, 22, 6]]))
    1
    """

    def __init__(self, zone: Zone) -> None:
        self.zone = zone
        self.entered = 0
        self._inside: set[int] = set()

    def update(self, tracks: Sequence[int], corners: NDArray[np.floating]) -> int:
        """Take where tracks are now, ``(m, 4)``; how many are inside."""
        boxes = np.asarray(corners, np.float64).reshape(-1, 4)
        centres = (boxes[:, :2] + boxes[:, 2:]) / 2
        for track, inside in zip(tracks, in_polygon(centres, self.zone).tolist(), strict=True):
            if inside:
                self.entered += track not in self._inside
                self._inside.add(track)
            else:
                self._inside.discard(track)
        return self.inside

    @property
    def inside(self) -> int:
        """How many are inside now."""
        return len(self._inside)

    def forget(self, tracks: Iterable[int]) -> None:
        """Tracks that are over."""
        self._inside.difference_update(tracks)


def in_polygon(points: NDArray[np.float64], polygon: Zone) -> NDArray[np.bool_]:
    """Whether n points are inside: a ray to the right meets an odd number of edges, ``(n,)``."""
    inside = np.zeros(len(points), bool)
    x, y = points[:, 0], points[:, 1]
    for (x1, y1), (x2, y2) in zip(polygon, (*polygon[1:], polygon[0]), strict=True):
        if y1 == y2:
            continue
        crosses = (y1 > y) != (y2 > y)
        inside ^= crosses & (x < x1 + (y - y1) * (x2 - x1) / (y2 - y1))
    return inside
