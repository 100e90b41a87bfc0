"""The loop: frames come, are predicted, and go out with what was recognised."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from topwork.deployment.live.event_file import EventFile
from topwork.deployment.live.events import (
    Event,
    RejectedEvent,
    SignalEvent,
    StartEvent,
)
from topwork.deployment.live.frame import Frame, SignalChange, UnreadableFile
from topwork.deployment.live.recognised_frame import RecognisedFrame
from topwork.deployment.live.recognition.box_scene import BoxScene
from topwork.deployment.live.recognition.class_scene import ClassScene
from topwork.deployment.live.recognition.model_recogniser import recogniser_of
from topwork.deployment.live.recognition.recogniser import (
    ClassScores,
    FrameResult,
    Recogniser,
    StagedRecogniser,
)
from topwork.deployment.live.recognition.scene_state import SceneState
from topwork.deployment.live.recognition.still import StillImages
from topwork.deployment.live.result import LineCounts, WatchResult, ZoneCounts
from topwork.deployment.live.sources.address import address_of
from topwork.deployment.live.sources.opening import open_source
from topwork.deployment.live.sources.source import Source
from topwork.deployment.live.statistics import WatchStatistics
from topwork.deployment.live.video_writer import VideoWriter
from topwork.deployment.live.writer import Writer
from topwork.errors import ParameterError
from topwork.model.loading import load
from topwork.settings import WatchSettings
from topwork.settings.watch import Line, Zone


@dataclass(frozen=True, slots=True)
class WatchNames:
    """What outputs call the model and the source."""

    model: str
    source: str


@dataclass(eq=False)
class LiveRecognition:
    """Frames of a source with what is recognised in them; iterate over it, once.

    Parameters
    ----------
    recogniser
        What predicts.
    source
        Where frames come from.
    names
        What both are called.
    settings
        How it is watched.
    writers
        What else takes frames and events.
    """

    recogniser: Recogniser
    source: Source
    names: WatchNames
    settings: WatchSettings = field(default_factory=WatchSettings)
    writers: Sequence[Writer] = ()

    def __post_init__(self) -> None:
        settings, labels = self.settings, self.recogniser.labels
        self.statistics = WatchStatistics(labels)
        threshold = getattr(self.recogniser, "threshold", None)
        self._classes = ClassScene(labels, seconds=settings.smooth, threshold=threshold)
        self.boxes = BoxScene(
            labels,
            least=getattr(self.recogniser, "least", 0.0),
            track=settings.track,
            lines=settings.count,
            zones=settings.zone,
        )
        self._still = StillImages()
        self._last: FrameResult | None = None
        self._stopped = self._finds_objects = False

    def stop(self) -> None:
        """End it after the frame at hand; for handlers of signals and other threads."""
        self._stopped = True

    def __iter__(self) -> Iterator[RecognisedFrame]:
        self.statistics.begun = time.monotonic()
        deliveries = self.source.frames()
        unanswered, told = 0, False
        try:
            for delivery in deliveries:
                if not told:  # not before it is open
                    self._tell(StartEvent(model=self.names.model, source=self.names.source))
                    told = True
                if isinstance(delivery, Frame):
                    unanswered = 1
                    recognised = self._recognised(delivery)
                    unanswered = 0
                    yield recognised
                elif delivery is not None:
                    self._tell(_event_of(delivery))
                if self._over():
                    return
        finally:
            deliveries.close()  # type: ignore[attr-defined]  # they are generators
            self.source.counts.dropped += unanswered
            self.statistics.ended = time.monotonic()
            for writer in self.writers:
                writer.close()

    def result(self) -> WatchResult:
        """Counts and latencies so far."""
        statistics, seconds = self.statistics, self.statistics.seconds()
        return WatchResult(
            task="boxes" if self._finds_objects else "classes",
            model=self.names.model,
            source=self.names.source,
            frames=statistics.frames(self.source.counts),
            latency_ms=statistics.latency.quantiles(),
            stages=statistics.by_stage(),
            reconnects=self.source.counts.reconnects,
            seconds=round(seconds, 3),
            frames_per_second=round(statistics.answered / seconds, 2) if seconds else 0.0,
            shown=statistics.shown(),
            tracks=self.boxes.n_tracks,
            counts=[LineCounts(line=list(c.line), **c.counts) for c in self.boxes.lines],
            zones=[
                ZoneCounts(zone=[list(p) for p in z.zone], inside=z.inside, entered=z.entered)
                for z in self.boxes.zones
            ],
            interrupted=self._stopped,
        )

    def _over(self) -> bool:
        seconds = self.settings.seconds
        return self._stopped or (seconds is not None and self.statistics.seconds() >= seconds)

    def _recognised(self, frame: Frame) -> RecognisedFrame:
        result, still = self._predicted(frame)
        with self.statistics.stage("after"):
            state = self._updated(frame, result)
        latency = time.monotonic() - frame.arrived
        labels = self.recogniser.labels
        recognised = RecognisedFrame(frame, result, state, labels, still, latency)
        with self.statistics.stage("write"):
            for writer in self.writers:
                writer.frame(recognised)
            for event in state.events:
                self._tell(event)
        self.statistics.note(recognised)
        return recognised

    def _predicted(self, frame: Frame) -> tuple[FrameResult, bool]:
        """The prediction, and whether it is the last one because nothing has changed."""
        stage, recogniser = self.statistics.stage, self.recogniser
        with stage("prepare"):
            single = frame.encoded is not None
            if not single and self._still.unchanged(frame.image) and self._last is not None:
                return self._last, True
            prepared: Any = None
            if isinstance(recogniser, StagedRecogniser):
                prepared = recogniser.prepare(frame.image if not single else frame.encoded or b"")
        with stage("infer"):
            if isinstance(recogniser, StagedRecogniser):
                self._last = recogniser.infer(prepared)
            else:
                self._last = recogniser.recognise(frame.image)
        return self._last, False

    def _updated(self, frame: Frame, result: FrameResult) -> SceneState:
        """What is known of the scene now."""
        if isinstance(result, ClassScores):
            if self.settings.follows:
                raise ParameterError(
                    "To track and count, a model has to find objects; this one predicts classes.",
                    remedy="Leave --track, --count and --zone out, or fit a model on boxes.",
                    code="other_task",
                )
            return self._classes.update(frame, result)
        self._finds_objects = True
        return self.boxes.update(frame, result)

    def _tell(self, event: Event) -> None:
        for writer in self.writers:
            writer.event(event)


def _event_of(delivery: SignalChange | UnreadableFile) -> Event:
    if isinstance(delivery, UnreadableFile):
        return RejectedEvent(path=delivery.path, reason=delivery.reason)
    return SignalEvent(
        event="signal" if delivery.there else "no_signal",
        why=delivery.why,
        after_s=round(delivery.after_s, 3),
    )


def watch(
    model: Any,
    source: str | int | Path,
    *,
    as_live: bool = False,
    smooth: float = 0.5,
    stall: float = 10.0,
    seconds: float | None = None,
    track: bool = False,
    count: Sequence[Line] = (),
    zone: Sequence[Zone] = (),
    events: str | Path | None = None,
    out: str | Path | None = None,
    writers: Sequence[Writer] = (),
) -> LiveRecognition:
    """Recognise what a source shows, frame by frame, as it comes.

    Parameters
    ----------
    model
        A classifier or detector, its folder, or anything with ``labels`` and ``recognise(image)``.
    source
        A video file, a camera (``0``, ``"camera:1"``), the address of a stream (``rtsp://``,
        ``http://``, ``tcp://``, ...), or a folder that images come into.
    as_live
        Whether a file is played by its own clock, dropping frames that there is no time for.
    smooth
        Seconds within which a new class is shown; 0 shows every frame as it is.
    stall
        Seconds without a frame after which a live source is connected again.
    seconds
        Stop after so many seconds.
    track
        Whether objects are followed from frame to frame.
    count
        Lines x1, y1, x2, y2 in pixels; objects that cross them are counted.
    zone
        Polygons of points (x, y) in pixels; objects in them are counted.
    events
        A file that events are appended to as JSON lines. Images of a folder that are in it already
        are not predicted again.
    out
        An MP4 file for a video of what was recognised, which browsers play.
    writers
        What else takes frames and events.

    Raises
    ------
    topwork.errors.UserError
        The model or the source can't be used, or the extra ``video`` is not installed.

    Examples
    --------
    >>> def alarm(model, camera):
    ...     for recognised in watch(model, camera, smooth=1.0):
    ...         if recognised.label == "smoke" and recognised.probability > 0.9:
    ...             return recognised.time_s
    """
    settings = WatchSettings(
        as_live=as_live,
        smooth=smooth,
        stall=stall,
        seconds=seconds,
        track=track,
        count=tuple(count),
        zone=tuple(zone),
    )
    address = address_of(source)
    file = EventFile(Path(events)) if events is not None else None
    video = VideoWriter(Path(out)) if out is not None else None
    opened = open_source(
        address,
        as_live=settings.as_live,
        stall_s=settings.stall,
        known=file.keys if file is not None else (),
    )
    loaded = load(model) if isinstance(model, str | Path) else model
    names = WatchNames(str(model) if isinstance(model, str | Path) else "", address.name)
    also = [writer for writer in (file, video) if writer is not None]
    return LiveRecognition(recogniser_of(loaded), opened, names, settings, [*writers, *also])
