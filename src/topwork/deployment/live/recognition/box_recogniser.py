"""A model that finds objects, used live."""

from __future__ import annotations

from typing import Final

from topwork.deployment.live.frame import Image
from topwork.metrics.detection.detections import Detections
from topwork.model.detection.model import DetectorModel

MIN_PROBABILITY: Final = 0.1
"""Objects that are this improbable may still be ones that are followed already."""


class BoxRecogniser:
    """A detector, used live: its boxes are those of `topwork.model.DetectorModel.predictions`.

    Parameters
    ----------
    model
        A fitted detector.
    """

    def __init__(self, model: DetectorModel) -> None:
        self.labels = model.labels
        self.least = model.card.threshold
        self._model = model
        model.compile()

    def recognise(self, image: Image) -> Detections:
        """The objects, those below the model's own threshold included."""
        least = min(self.least, MIN_PROBABILITY)
        return self._model.predictions([image], threshold=least).detections[0]
