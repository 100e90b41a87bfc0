"""What ``watch`` prints at the end, as plain data."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from topwork.data.item import ModalityName
from topwork.data.json_object import JsonObject
from topwork.deployment.live.latency import LatencyQuantiles


class FrameCounts(BaseModel):
    """What became of the frames.

    Attributes
    ----------
    received
        Frames of the source; all of them are either answered or dropped.
    answered
        Frames with a prediction.
    dropped
        Frames that gave way to newer ones, or that waited at the end.
    still
        Answered frames that were the same as before, and got the same prediction.
    undecodable
        Packets of a stream, or files of a folder, that gave no frame.
    """

    model_config = ConfigDict(frozen=True)

    received: int
    answered: int
    dropped: int
    still: int
    undecodable: int


class StageLatencies(BaseModel):
    """How long each stage took.

    Attributes
    ----------
    decode
        From the packet to an RGB image; read by another thread or process at the same time.
    prepare
        Resizing for the network.
    infer
        The network.
    after
        Smoothing, tracking, counting.
    write
        Events and the video.
    """

    model_config = ConfigDict(frozen=True)

    decode: LatencyQuantiles
    prepare: LatencyQuantiles
    infer: LatencyQuantiles
    after: LatencyQuantiles
    write: LatencyQuantiles


class ShownLabel(BaseModel):
    """How long a class was shown.

    Attributes
    ----------
    label
        The class; ``None`` for scenes that look like none of them.
    seconds
        By the source's clock.
    times
        How often it began to be shown.
    """

    model_config = ConfigDict(frozen=True)

    label: str | None
    seconds: float
    times: int


class LineCounts(BaseModel):
    """How many objects crossed a line.

    Attributes
    ----------
    line
        x1, y1, x2, y2 in pixels.
    left_to_right, right_to_left
        As seen by somebody who looks from its first point to its second.
    """

    model_config = ConfigDict(frozen=True)

    line: list[float]
    left_to_right: int
    right_to_left: int


class ZoneCounts(BaseModel):
    """How many objects were in a zone.

    Attributes
    ----------
    zone
        The corners of a polygon, in pixels.
    inside
        How many are in it at the end.
    entered
        How often one was in it that was not before.
    """

    model_config = ConfigDict(frozen=True)

    zone: list[list[float]]
    inside: int
    entered: int


class WatchResult(JsonObject):
    """What came of watching a source.

    Attributes
    ----------
    model, source
        Which model, and what it watched.
    frames
        What became of the frames.
    latency_ms
        From the arrival of a frame to its prediction. Of a file that isn't played by its clock, the
        time that frames wait for their turn is left out.
    stages
        The same by stages.
    reconnects
        How often a live source came back.
    seconds
        How long it was watched.
    frames_per_second
        Answered frames per second.
    shown
        The classes that were shown, the longest first.
    tracks
        How many objects were followed.
    counts, zones
        What crossed the lines, and what was in the zones.
    events, video
        What was written.
    interrupted
        Whether it was ended by the user.
    """

    task: Literal["classes", "boxes"] = "classes"
    modality: ModalityName | None = "image"
    model: str
    source: str
    frames: FrameCounts
    latency_ms: LatencyQuantiles
    stages: StageLatencies
    reconnects: int
    seconds: float
    frames_per_second: float
    shown: list[ShownLabel]
    tracks: int = 0
    counts: list[LineCounts] = Field(default_factory=list)
    zones: list[ZoneCounts] = Field(default_factory=list)
    events: str | None = None
    video: str | None = None
    interrupted: bool = False
