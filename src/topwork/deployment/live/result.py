"""What ``watch`` prints at the end, as plain data."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

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
    events, video
        What was written.
    interrupted
        Whether it was ended by the user.
    """

    task: Literal["classes"] = "classes"
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
    events: str | None = None
    video: str | None = None
    interrupted: bool = False
