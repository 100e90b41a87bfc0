"""What a model has to offer to be used live."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from topwork.calibration.cost import decide
from topwork.data.preprocessing.framing import Framing
from topwork.deployment.live.frame import Image
from topwork.errors import ParameterError
from topwork.metrics.detection.detections import Detections
from topwork.model.card import Label
from topwork.model.model import Model
from topwork.model.single_images import SingleImages


@dataclass(frozen=True, eq=False, slots=True)
class ClassScores:
    """What is predicted for one image by a model of classes.

    Parameters
    ----------
    probabilities
        ``(k,)``, in the order of the labels.
    unknown
        Whether the image looks like none of the classes.
    code
        The class that is predicted: an index into the labels.
    """

    probabilities: NDArray[np.float32]
    unknown: bool
    code: int


FrameResult: TypeAlias = ClassScores | Detections
"""What a recogniser gives for one image."""


class Recogniser(Protocol):
    """Predicts one image at a time.

    Attributes
    ----------
    labels
        The k classes.
    """

    @property
    def labels(self) -> Sequence[Label]: ...

    def recognise(self, image: Image) -> FrameResult:
        """The prediction for an upright RGB image, uint8 ``(h, w, 3)``."""
        ...


@runtime_checkable
class StagedRecogniser(Protocol):
    """A recogniser in two steps, so that each can be timed: ``infer(prepare(image))``."""

    def prepare(self, image: Image | bytes) -> Any:
        """What the network takes, of an image or of the bytes of an image file."""
        ...

    def infer(self, prepared: Any) -> FrameResult:
        """The prediction."""
        ...


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


def recogniser_of(model: Any) -> Recogniser:
    """The recogniser of a model; one that is a recogniser already is given back.

    Raises
    ------
    ParameterError
        Nothing can be recognised live with it.
    """
    if isinstance(model, Model):
        return ClassRecogniser(model)
    if callable(getattr(model, "recognise", None)):
        recogniser: Recogniser = model
        return recogniser
    raise ParameterError(
        "topwork watch needs a model that predicts classes or objects, and this one does neither.",
        remedy="Give a classifier or a detector; topwork predict takes all models.",
        code="other_task",
    )
