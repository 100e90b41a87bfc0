"""What happens while a source is watched."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from topwork.runtime.counted import counted


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _clock(time_s: float | None) -> str:
    minutes, rest = divmod(time_s or 0.0, 60)
    return f"{f'{minutes:.0f}:{rest:04.1f}':>8}"


class Event(BaseModel):
    """Something that happened.

    Attributes
    ----------
    event
        What.
    time_s
        When, in seconds by the source's clock; ``None`` where the source itself is concerned.
    wall_time
        When it was written, by the clock on the wall: ISO 8601, UTC.
    """

    model_config = ConfigDict(frozen=True)

    event: str
    time_s: float | None
    wall_time: str = Field(default_factory=_now)

    @property
    def sentence(self) -> str | None:
        """The event in words; ``None`` where there is nothing to say."""
        return None


class StartEvent(Event):
    """Watching begins.

    Attributes
    ----------
    model, source
        Which model, and what it watches.
    """

    event: Literal["start"] = "start"
    time_s: float | None = None
    model: str
    source: str


class LabelEvent(Event):
    """Another class is shown from now on.

    Attributes
    ----------
    label
        The class; ``None`` for a scene that looks like none of them.
    probability
        Its smoothed probability; of ``None`` the share of recent frames that look like no class.

    Examples
    --------
    >>> LabelEvent(time_s=75.5, label="open", probability=0.93).sentence
    '  1:15.5  open 0.93'
    """

    event: Literal["label"] = "label"
    label: str | None
    probability: float

    @property
    def sentence(self) -> str | None:
        label = "unknown" if self.label is None else self.label
        return f"{_clock(self.time_s)}  {label} {self.probability:.2f}"


class SignalEvent(Event):
    """A live source stopped delivering frames, or delivers them again.

    Attributes
    ----------
    why
        Why it stopped.
    after_s
        How long it was away.
    """

    event: Literal["no_signal", "signal"]
    time_s: float | None = None
    why: str = ""
    after_s: float = 0.0

    @property
    def sentence(self) -> str | None:
        if self.event == "no_signal":
            return f"No signal: {self.why}. Trying again."
        return f"Signal again after {self.after_s:.1f} s."


class FileEvent(Event):
    """An image of a folder was predicted.

    Attributes
    ----------
    path
        The file.
    key
        The content key by which it is recognised when it comes again.
    label, probability, unknown
        As ``predict`` says.
    """

    event: Literal["file"] = "file"
    path: str
    key: str
    label: str
    probability: float
    unknown: bool

    @property
    def sentence(self) -> str | None:
        label = f"unknown (closest: {self.label})" if self.unknown else self.label
        return f"{self.path}: {label} {self.probability:.3f}"


class RejectedEvent(Event):
    """An image of a folder can't be read.

    Attributes
    ----------
    path
        The file.
    reason
        A code out of `topwork.data.REASONS`.
    """

    event: Literal["rejected"] = "rejected"
    time_s: float | None = None
    path: str
    reason: str

    @property
    def sentence(self) -> str | None:
        return f"{self.path} cannot be read ({self.reason})."


class EventBox(BaseModel):
    """An object in an image.

    Attributes
    ----------
    label, probability
        What it is, and how probably the box is right.
    x1, y1, x2, y2
        Its corners, in pixels of the upright image.
    """

    model_config = ConfigDict(frozen=True)

    label: str
    probability: float
    x1: float
    y1: float
    x2: float
    y2: float


class BoxesEvent(Event):
    """Objects were found in an image of a folder.

    Attributes
    ----------
    path, key
        As of `FileEvent`.
    boxes
        The objects.
    """

    event: Literal["file"] = "file"
    path: str
    key: str
    boxes: list[EventBox]

    @property
    def sentence(self) -> str | None:
        return f"{self.path}: {counted(len(self.boxes), 'object')}"


class TrackEvent(Event):
    """An object appeared, or was not seen for so long that it has left.

    Attributes
    ----------
    track
        Its number, from 1.
    label
        What it is.
    seconds
        How long it was there, when it has left.
    """

    event: Literal["appeared", "left"]
    track: int
    label: str
    seconds: float | None = None

    @property
    def sentence(self) -> str | None:
        after = f" after {self.seconds:.1f} s" if self.seconds is not None else ""
        return f"{_clock(self.time_s)}  {self.label} {self.track} {self.event}{after}"


class CrossingEvent(Event):
    """An object crossed a line.

    Attributes
    ----------
    line
        Which line, from 1.
    track, label
        Which object.
    direction
        As seen by somebody who looks from the line's first point to its second.
    """

    event: Literal["crossed"] = "crossed"
    line: int
    track: int
    label: str
    direction: Literal["left_to_right", "right_to_left"]

    @property
    def sentence(self) -> str | None:
        way = self.direction.replace("_", " ")
        who = f"{self.label} {self.track}"
        return f"{_clock(self.time_s)}  {who} crossed line {self.line} from {way}"


class ZoneEvent(Event):
    """Another number of objects is in a zone.

    Attributes
    ----------
    zone
        Which zone, from 1.
    n
        How many are in it.
    """

    event: Literal["zone"] = "zone"
    zone: int
    n: int

    @property
    def sentence(self) -> str | None:
        return f"{_clock(self.time_s)}  zone {self.zone}: {counted(self.n, 'object')}"
