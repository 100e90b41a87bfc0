"""What a model of ordered classes says about items."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from topwork.model.card import Label
from topwork.model.heads.predictions import HeadPredictions


@dataclass(frozen=True, slots=True)
class PredictedRank:
    """What a model predicts for one item.

    Parameters
    ----------
    path
        What the item is called.
    label, probability
        The class, and how probable it is.
    probabilities
        Of all k classes, from low to high.
    set
        The neighbouring classes that are credible.
    """

    path: str
    label: Label
    probability: float
    probabilities: tuple[float, ...]
    set: tuple[Label, ...]


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class OrdinalPredictions(HeadPredictions[PredictedRank]):
    """Predictions for the items that could be read, in the order of the items.

    ``for item in predictions`` gives a `PredictedRank` each, and
    ``pandas.DataFrame(predictions.probabilities, columns=predictions.labels)`` all probabilities.

    Parameters
    ----------
    labels
        The k classes, from low to high.
    probabilities
        Of each class, ``(m, k)``.
    codes
        Rank of the predicted class, ``(m,)``.
    sets
        Which classes are credible, ``(m, k)``.
    """

    row: ClassVar[type[PredictedRank]] = PredictedRank

    labels: tuple[Label, ...]
    probabilities: NDArray[np.float64]
    codes: NDArray[np.int64]
    sets: NDArray[np.bool_]

    def __iter__(self) -> Iterator[PredictedRank]:
        rows = zip(self.names, self.codes, self.probabilities, self.sets, strict=True)
        for name, code, p, credible in rows:
            inside = tuple(self.labels[j] for j in np.flatnonzero(credible))
            yield PredictedRank(name, self.labels[code], float(p[code]), tuple(p.tolist()), inside)
