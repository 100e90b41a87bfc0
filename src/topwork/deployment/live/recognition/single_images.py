"""One image after another, each at once: for what is watched live."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from topwork.data import Content, Framing
from topwork.heads import softmax
from topwork.model.model import Model
from topwork.model.sealed_model import check_finite


class SingleImages:
    """Predicts single images in two steps that can be timed apart, exactly as the model does.

    Parameters
    ----------
    model
        A classifier of images.
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        self._engine = model._engine(1)
        framing = model.parts.preparation
        assert isinstance(framing, Framing)
        nothing = np.zeros((1, framing.height, framing.width, 3), np.uint8)
        list(self._engine.run([(0, nothing)]))  # compiles it before the first image has to wait

    def prepare(self, image: NDArray[np.uint8] | bytes) -> NDArray[np.uint8]:
        """What the network takes, ``(1, height, width, 3)``.

        Parameters
        ----------
        image
            Upright RGB ``(h, w, 3)``, or the bytes of an image file.

        Raises
        ------
        topwork.errors.BadItem
            The file can't be read.
        """
        parts = self._model.parts
        prepared = self._model.kind.decode(Content(b"", image), parts.preparation)
        return np.asarray(prepared, np.uint8)[None]

    def predict(self, prepared: NDArray[np.uint8]) -> tuple[NDArray[np.float32], bool]:
        """Probabilities ``(k,)``, and whether the image looks like none of the classes."""
        ((_, (logits, features)),) = self._engine.run([(0, prepared)])
        check_finite((logits, features))
        probabilities = softmax(logits / np.float32(self._model.card.temperature))
        return probabilities[0], bool(self._model._unknown(features)[0])
