"""Which recogniser a model gets."""

from __future__ import annotations

from typing import Any

from topwork.deployment.live.recognition.box_recogniser import BoxRecogniser
from topwork.deployment.live.recognition.class_recogniser import ClassRecogniser
from topwork.deployment.live.recognition.recogniser import Recogniser
from topwork.errors import ParameterError
from topwork.model.detection.model import DetectorModel
from topwork.model.loading import as_classifier
from topwork.model.model import Model


def recogniser_of(model: Any) -> Recogniser:
    """The recogniser of a model; one that is a recogniser already is given back.

    Raises
    ------
    ParameterError
        Nothing can be recognised live with it.
    """
    if isinstance(model, Model):
        return ClassRecogniser(as_classifier(model, "topwork watch"))
    if isinstance(model, DetectorModel):
        return BoxRecogniser(model)
    if callable(getattr(model, "recognise", None)):
        recogniser: Recogniser = model
        return recogniser
    raise ParameterError(
        "topwork watch needs a model that predicts classes or objects, and this one does neither.",
        remedy="Give a classifier or a detector; topwork predict takes all models.",
        code="other_task",
    )
