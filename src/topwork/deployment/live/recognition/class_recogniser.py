"""A model of classes, used live."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from topwork.calibration.cost import decide
from topwork.data.preprocessing.framing import Framing
from topwork.deployment.live.frame import Image
from topwork.deployment.live.recognition.recogniser import ClassScores
from topwork.deployment.live.recognition.single_images import SingleImages
from topwork.errors import ParameterError
from topwork.model.model import Model


class ClassRecogniser:
    """A model of classes, used live: its predictions are those of `topwork.Model.predictions`.

    Parameters
    ----------
    model
        A classifier of images.

    Raises
    ------
    ParameterError
        The model is not about images.
    """

    def __init__(self, model: Model) -> None:
        if not isinstance(model.parts.preparation, Framing):
            raise ParameterError(
                f"topwork watch needs a model for images, and this one is for {model.card.kind}s.",
                remedy="Give a model that was fitted on images.",
                code="other_modality",
            )
        self.labels = model.labels
        self.threshold = model.card.threshold
        self._single = SingleImages(model)

    def prepare(self, image: Image | bytes) -> NDArray[np.uint8]:
        return self._single.prepare(image)

    def infer(self, prepared: NDArray[np.uint8]) -> ClassScores:
        probabilities, unknown = self._single.predict(prepared)
        code = int(decide(probabilities[None], self.threshold)[0])
        return ClassScores(probabilities, unknown, code)

    def recognise(self, image: Image) -> ClassScores:
        return self.infer(self.prepare(image))
