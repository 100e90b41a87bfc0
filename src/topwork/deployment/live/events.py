"""What happens while a source is watched."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


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
    """

    event: Literal["label"] = "label"
    label: str | None
    probability: float


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
