"""A frame with what was recognised in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from topwork.deployment.live.frame import Frame
from topwork.deployment.live.recognition.recogniser import ClassScores, FrameResult
from topwork.deployment.live.recognition.scene_state import SceneState
from topwork.deployment.live.recognition.smoothing import UNKNOWN, SmoothedLabel
from topwork.model.card import Label


@dataclass(frozen=True, slots=True)
class RecognisedObject:
    """An object in a frame.

    Parameters
    ----------
    label, probability
        What it is, and how probably the box is right.
    corners
        x1, y1, x2, y2 in pixels of the upright image.
    track
        Its number where objects are followed, from 1; ``None`` for one that belongs to no track.
    """

    label: Label
    probability: float
    corners: tuple[float, float, float, float]
    track: int | None = None


@dataclass(frozen=True, eq=False, slots=True)
class RecognisedFrame:
    """A frame with what was recognised in it.

    Parameters
    ----------
    frame
        The image and its times.
    result
        What the model predicts for this very image.
    state
        What is known of the scene by now.
    labels
        The classes of the model.
    still
        Whether the image is the same as before, so that its prediction is the last one.
    latency_s
        Seconds from its arrival to its prediction.
    """

    frame: Frame
    result: FrameResult
    state: SceneState
    labels: Sequence[Label]
    still: bool
    latency_s: float

    @property
    def time_s(self) -> float:
        """Seconds by the source's clock."""
        return self.frame.time_s

    @property
    def smoothed(self) -> SmoothedLabel | None:
        """The class of the scene, smoothed over time; ``None`` for single images and objects."""
        return self.state.smoothed

    @property
    def label(self) -> Label | None:
        """The class that is shown, smoothed if it can be; ``None`` for unknown and for objects."""
        if self.smoothed is not None:
            code = self.smoothed.code
            return None if code == UNKNOWN else self.labels[code]
        if not isinstance(self.result, ClassScores) or self.result.unknown:
            return None
        return self.labels[self.result.code]

    @property
    def probability(self) -> float:
        """Of the class that is shown; of unknown, the share of recent frames that are.

        Of objects, that of the most probable one, or 0.
        """
        if self.smoothed is not None:
            return self.smoothed.probability
        if isinstance(self.result, ClassScores):
            return float(self.result.probabilities[self.result.code])
        return float(self.result.scores[0]) if len(self.result) else 0.0

    @property
    def objects(self) -> list[RecognisedObject]:
        """The objects, the most probable first; none where the model predicts classes."""
        result, tracks = self.result, self.state.tracks
        if isinstance(result, ClassScores):
            return []
        found = []
        for row, (code, score) in enumerate(zip(result.classes, result.scores, strict=True)):
            x1, y1, x2, y2 = map(float, result.corners[row])
            track = None if tracks is None or tracks[row] < 0 else int(tracks[row])
            if track is None and score < self.state.least:
                continue
            label = self.labels[code]
            found.append(RecognisedObject(label, float(score), (x1, y1, x2, y2), track))
        return found
