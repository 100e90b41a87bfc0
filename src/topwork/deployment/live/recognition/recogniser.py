"""What a model has to offer to be used live."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from topwork.deployment.live.frame import Image
from topwork.metrics.detection.detections import Detections
from topwork.model.card import Label


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
