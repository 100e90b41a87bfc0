"""Joins detections of successive frames to tracks: ByteTrack's rule, with all spans in seconds.

Detections that are probably right are matched first; improbable ones then keep alive tracks that
found none [1]_. A track begins only with a probable detection. Other than there, improbable
detections may also be of tracks that were not seen for a moment: fewer identities were lost.

References
----------
.. [1] Zhang et al., "ByteTrack: Multi-Object Tracking by Associating Every Detection Box", 2022.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.deployment.live.tracking.matching import best_pairs
from topwork.deployment.live.tracking.motion import (
    boxes_at_rest,
    corrected,
    joined,
    moved,
)
from topwork.heads.detection.overlap import overlap
from topwork.metrics.detection.detections import Detections

NO_TRACK = -1
"""In place of a track's number, for detections that belong to none."""


@dataclass(frozen=True, slots=True)
class TrackingRule:
    """When detections are one object.

    Parameters
    ----------
    probable
        Score from which on a detection is matched first.
    begin
        Score from which on it may begin a track.
    least
        Score below which it is left out.
    overlap
        What overlap times score of a probable detection must be with where a track is expected.
    improbable_overlap
        The same overlap of an improbable one.
    lost_s
        Seconds after which a track that isn't seen ends.
    tentative_s
        The same for one that was seen once.
    """

    probable: float = 0.5
    begin: float = 0.6
    least: float = 0.1
    overlap: float = 0.05
    improbable_overlap: float = 0.3
    lost_s: float = 1.0
    tentative_s: float = 0.15


@dataclass(frozen=True, eq=False, slots=True)
class TrackedFrame:
    """What the detections of a frame belong to.

    Parameters
    ----------
    tracks
        The track of each detection ``(m,)``, or ``NO_TRACK``.
    begun, ended
        Tracks that are known from now on, and those that are over.
    """

    tracks: NDArray[np.int64]
    begun: tuple[int, ...]
    ended: tuple[int, ...]


class Tracker:
    """Follows objects of each class apart. Tracks are numbered from 1, without gaps.

    Parameters
    ----------
    rule
        When detections are one object.
    """

    def __init__(self, rule: TrackingRule | None = None) -> None:
        self._rule = rule or TrackingRule()
        self._motion = boxes_at_rest(np.empty((0, 4)))
        self._classes = np.empty(0, np.int64)
        self._numbers = np.empty(0, np.int64)
        self._seen_s = np.empty(0)
        self._matched = np.empty(0, bool)
        self._time: float | None = None
        self._count = 0

    def update(self, detections: Detections, time_s: float) -> TrackedFrame:
        """Take the detections of the next frame.

        Parameters
        ----------
        time_s
            When, in seconds by the source's clock.
        """
        first = self._time is None
        if self._time is not None:
            self._motion = moved(self._motion, max(0.0, time_s - self._time))
        self._time = time_s
        rows, columns = self._pairs(detections)
        self._matched = np.zeros(len(self._motion), bool)
        self._matched[rows] = True
        self._correct(rows, detections.corners[columns], time_s)
        begun = self._confirm(rows)
        tracks = np.full(len(detections.scores), NO_TRACK, np.int64)
        tracks[columns] = self._numbers[rows]
        ended = self._forget(time_s)
        new = self._begin(detections, np.setdiff1d(np.arange(len(tracks)), columns), time_s)
        if first:  # what is there at the beginning needs no second look
            self._numbers[:] = self._next(len(new))
            tracks[new] = self._numbers
            begun = tuple(self._numbers.tolist())
        return TrackedFrame(tracks, begun, ended)

    def _pairs(self, detections: Detections) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Tracks and detections that belong together."""
        rule, scores = self._rule, detections.scores
        same = self._classes[:, None] == detections.classes[None]
        value = overlap(self._motion.corners[:, None], detections.corners[None]) * same
        probable = scores >= rule.probable
        improbable = (scores >= rule.least) & ~probable
        free = np.ones(len(self._motion), bool)
        found: list[tuple[NDArray[np.intp], NDArray[np.intp]]] = []
        for columns, worth, least in (
            (probable, value * scores[None], rule.overlap),
            (improbable, value, rule.improbable_overlap),
        ):
            left, right = np.flatnonzero(free), np.flatnonzero(columns)
            i, j = best_pairs(worth[np.ix_(left, right)], least)
            found.append((left[i], right[j]))
            free[left[i]] = False
        return np.concatenate([i for i, _ in found]), np.concatenate([j for _, j in found])

    def _correct(
        self, rows: NDArray[np.intp], corners: NDArray[np.floating], time_s: float
    ) -> None:
        better = corrected(self._motion.take(rows), corners)
        self._motion.state[rows], self._motion.covariance[rows] = better.state, better.covariance
        self._seen_s[rows] = time_s

    def _confirm(self, rows: NDArray[np.intp]) -> tuple[int, ...]:
        """Number tracks that were seen for the second time."""
        new = rows[self._numbers[rows] == NO_TRACK]
        self._numbers[new] = self._next(len(new))
        return tuple(self._numbers[new].tolist())

    def _next(self, n: int) -> NDArray[np.int64]:
        numbers = np.arange(self._count + 1, self._count + n + 1)
        self._count += n
        return numbers

    def _forget(self, time_s: float) -> tuple[int, ...]:
        """Let go of tracks that were not seen for too long."""
        rule = self._rule
        patience = np.where(self._numbers == NO_TRACK, rule.tentative_s, rule.lost_s)
        kept = self._matched | (time_s - self._seen_s <= patience + 1e-9)
        ended = self._numbers[~kept]
        self._keep(np.flatnonzero(kept))
        return tuple(int(number) for number in ended if number != NO_TRACK)

    def _keep(self, rows: NDArray[np.intp]) -> None:
        self._motion = self._motion.take(rows)
        for name in ("_classes", "_numbers", "_seen_s", "_matched"):
            setattr(self, name, getattr(self, name)[rows])

    def _begin(
        self, detections: Detections, free: NDArray[np.intp], time_s: float
    ) -> NDArray[np.intp]:
        """Begin tracks, and say with which detections."""
        new: NDArray[np.intp] = free[detections.scores[free] >= self._rule.begin]
        n = len(new)
        self._motion = joined(self._motion, boxes_at_rest(detections.corners[new]))
        self._classes = np.concatenate([self._classes, detections.classes[new]])
        self._numbers = np.concatenate([self._numbers, np.full(n, NO_TRACK)])
        self._seen_s = np.concatenate([self._seen_s, np.full(n, time_s)])
        self._matched = np.concatenate([self._matched, np.ones(n, bool)])
        return new
