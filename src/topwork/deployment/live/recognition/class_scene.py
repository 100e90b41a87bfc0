"""A scene of which a model predicts the class."""

from __future__ import annotations

from collections.abc import Sequence

from topwork.deployment.live.events import FileEvent, LabelEvent
from topwork.deployment.live.frame import Frame
from topwork.deployment.live.recognition.recogniser import ClassScores
from topwork.deployment.live.recognition.scene_state import SceneState
from topwork.deployment.live.recognition.smoothing import UNKNOWN, LabelSmoothing
from topwork.model.card import Label


class ClassScene:
    """Smooths the class of successive frames, and tells when it changes.

    Parameters
    ----------
    labels
        The k classes.
    seconds
        Within which a change is shown.
    threshold
        Of two classes the second is predicted from this probability on, where there is one.
    """

    def __init__(
        self, labels: Sequence[Label], *, seconds: float, threshold: float | None = None
    ) -> None:
        self._labels = labels
        self._smoothing = LabelSmoothing(len(labels), seconds=seconds, threshold=threshold)

    def update(self, frame: Frame, result: ClassScores) -> SceneState:
        """Take a frame and its prediction into account."""
        if frame.encoded is not None:
            return SceneState(events=(self._of_file(frame, result),))
        smoothed = self._smoothing.update(result, frame.time_s)
        if not smoothed.changed:
            return SceneState(smoothed)
        label = None if smoothed.code == UNKNOWN else str(self._labels[smoothed.code])
        probability = round(smoothed.probability, 6)
        event = LabelEvent(time_s=frame.time_s, label=label, probability=probability)
        return SceneState(smoothed, (event,))

    def _of_file(self, frame: Frame, result: ClassScores) -> FileEvent:
        return FileEvent(
            time_s=frame.time_s,
            path=frame.path,
            key=frame.key,
            label=str(self._labels[result.code]),
            probability=round(float(result.probabilities[result.code]), 6),
            unknown=result.unknown,
        )
