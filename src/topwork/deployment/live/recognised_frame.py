"""A frame with what was recognised in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from topwork.deployment.live.frame import Frame
from topwork.deployment.live.recognition.recogniser import FrameResult
from topwork.deployment.live.recognition.smoothing import UNKNOWN, SmoothedLabel
from topwork.model.card import Label


@dataclass(frozen=True, eq=False, slots=True)
class RecognisedFrame:
    """A frame with what was recognised in it.

    Parameters
    ----------
    frame
        The image and its times.
    result
        What the model predicts for this very image.
    smoothed
        The class of the scene, smoothed over time; ``None`` for single images of a folder.
    labels
        The classes of the model.
    still
        Whether the image is the same as before, so that its prediction is the last one.
    latency_s
        Seconds from its arrival to its prediction.
    """

    frame: Frame
    result: FrameResult
    smoothed: SmoothedLabel | None
    labels: Sequence[Label]
    still: bool
    latency_s: float

    @property
    def time_s(self) -> float:
        """Seconds by the source's clock."""
        return self.frame.time_s

    @property
    def label(self) -> Label | None:
        """The class that is shown: smoothed where it can be; ``None`` for unknown."""
        if self.smoothed is not None:
            code = self.smoothed.code
            return None if code == UNKNOWN else self.labels[code]
        return None if self.result.unknown else self.labels[self.result.code]

    @property
    def probability(self) -> float:
        """Of the class that is shown; of unknown, the share of recent frames that are."""
        if self.smoothed is not None:
            return self.smoothed.probability
        return float(self.result.probabilities[self.result.code])
