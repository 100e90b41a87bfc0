"""Single items that a model was judged on, for tables and pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.model.predictions import Predictions


@dataclass(frozen=True, slots=True)
class JudgedItems:
    """The items of an evaluation with their labels and predictions.

    Parameters
    ----------
    labels
        The k classes.
    codes
        True class of each of the m items, ``(m,)``.
    predictions
        What the model predicts for them.
    """

    labels: Sequence[str]
    codes: NDArray[np.integer]
    predictions: Predictions

    @property
    def wrong(self) -> NDArray[np.intp]:
        """Positions of the wrong predictions, the most confident first."""
        predicted = self.predictions.codes
        confidence = self.predictions.probabilities[np.arange(len(predicted)), predicted]
        wrong = np.flatnonzero(predicted != self.codes)
        return wrong[np.argsort(-confidence[wrong], kind="stable")]

    def counts(self) -> NDArray[np.int64]:
        """The confusion matrix ``(k, k)`` of true by predicted class."""
        k = len(self.labels)
        cells = np.asarray(self.codes, np.int64) * k + self.predictions.codes
        return np.bincount(cells, minlength=k * k).reshape(k, k)
