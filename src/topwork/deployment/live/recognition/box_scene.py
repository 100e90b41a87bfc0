"""A scene in which a model finds objects: followed, and counted where they cross lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from topwork.deployment.live.events import (
    BoxesEvent,
    CrossingEvent,
    Event,
    EventBox,
    TrackEvent,
    ZoneEvent,
)
from topwork.deployment.live.frame import Frame
from topwork.deployment.live.recognition.scene_state import SceneState
from topwork.deployment.live.tracking.counting import LineCounter, ZoneCounter
from topwork.deployment.live.tracking.tracker import NO_TRACK, Tracker
from topwork.metrics.detection.detections import Detections
from topwork.model.card import Label
from topwork.settings.watch import Line, Zone


class BoxScene:
    """Follows objects, and tells when they appear, leave, cross a line, enter or leave a zone.

    Parameters
    ----------
    labels
        The k classes.
    least
        From which score on an object that belongs to no track is shown.
    track
        Whether objects are followed; lines and zones need it.
    lines, zones
        What is counted, in pixels.
    """

    def __init__(
        self,
        labels: Sequence[Label],
        *,
        least: float = 0.0,
        track: bool = False,
        lines: Sequence[Line] = (),
        zones: Sequence[Zone] = (),
    ) -> None:
        self._labels, self._least = labels, least
        self._tracker = Tracker() if track or lines or zones else None
        self.lines = [LineCounter(line) for line in lines]
        self.zones = [ZoneCounter(zone) for zone in zones]
        self.n_tracks = 0
        self._begun: dict[int, tuple[float, str]] = {}
        self._inside = [0] * len(self.zones)

    def update(self, frame: Frame, result: Detections) -> SceneState:
        """Take a frame and its detections into account."""
        if frame.encoded is not None:
            return SceneState(events=(self._of_file(frame, result),), least=self._least)
        if self._tracker is None:
            return SceneState(least=self._least)
        tracked = self._tracker.update(result, frame.time_s)
        events = [
            *self._appeared(tracked.begun, tracked.tracks, result, frame.time_s),
            *self._counted(tracked.tracks, result, frame.time_s),
            *self._left(tracked.ended, frame.time_s),
            *self._occupied(frame.time_s),
        ]
        return SceneState(events=tuple(events), tracks=tracked.tracks, least=self._least)

    def _appeared(
        self,
        begun: Sequence[int],
        tracks: NDArray[np.int64],
        result: Detections,
        time_s: float,
    ) -> Iterator[Event]:
        for track in begun:
            (row,) = np.flatnonzero(tracks == track)
            label = str(self._labels[result.classes[row]])
            self._begun[track] = (time_s, label)
            self.n_tracks += 1
            yield TrackEvent(event="appeared", time_s=time_s, track=track, label=label)

    def _left(self, ended: Sequence[int], time_s: float) -> Iterator[Event]:
        for track in ended:
            begun, label = self._begun.pop(track)
            seconds = round(time_s - begun, 3)
            yield TrackEvent(event="left", time_s=time_s, track=track, label=label, seconds=seconds)
        for line in self.lines:
            line.forget(ended)
        for zone in self.zones:
            zone.forget(ended)

    def _counted(
        self, tracks: NDArray[np.int64], result: Detections, time_s: float
    ) -> Iterator[Event]:
        own = tracks != NO_TRACK
        numbers, corners = tracks[own].tolist(), result.corners[own]
        for n, counter in enumerate(self.lines, start=1):
            for crossing in counter.update(numbers, corners):
                yield CrossingEvent(
                    time_s=time_s,
                    line=n,
                    track=crossing.track,
                    label=self._begun[crossing.track][1],
                    direction=crossing.direction,
                )
        for zone in self.zones:
            zone.update(numbers, corners)

    def _occupied(self, time_s: float) -> Iterator[Event]:
        for i, zone in enumerate(self.zones):
            if zone.inside != self._inside[i]:
                self._inside[i] = zone.inside
                yield ZoneEvent(time_s=time_s, zone=i + 1, n=zone.inside)

    def _of_file(self, frame: Frame, result: Detections) -> BoxesEvent:
        shown = result.at_least(self._least)
        rows = zip(shown.corners, shown.classes, shown.scores, strict=True)
        return BoxesEvent(
            time_s=frame.time_s,
            path=frame.path,
            key=frame.key,
            boxes=[
                EventBox(
                    label=str(self._labels[code]),
                    probability=round(float(score), 6),
                    **dict(zip(("x1", "y1", "x2", "y2"), map(float, corners), strict=True)),
                )
                for corners, code, score in rows
            ],
        )
