"""What a model of several labels says about items."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from topwork.model.heads.predictions import HeadPredictions


class GivenLabel(BaseModel):
    """A label with its probability."""

    model_config = ConfigDict(frozen=True)

    label: str
    probability: float


@dataclass(frozen=True, slots=True)
class PredictedLabels:
    """What a model predicts for one item.

    Parameters
    ----------
    path
        What the item is called.
    labels
        Those that it has by the model, the most probable first; there may be none.
    """

    path: str
    labels: tuple[GivenLabel, ...]


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class LabelsPredictions(HeadPredictions[PredictedLabels]):
    """Predictions for the items that could be read, in the order of the items.

    ``for item in predictions`` gives a `PredictedLabels` each, and
    ``pandas.DataFrame(predictions.probabilities, columns=predictions.labels)`` all probabilities.

    Parameters
    ----------
    labels
        The L labels of the model.
    probabilities
        Of each label, ``(m, L)``.
    given
        Whether the label is predicted, ``(m, L)``.
    """

    row: ClassVar[type[PredictedLabels]] = PredictedLabels

    labels: tuple[str, ...]
    probabilities: NDArray[np.float64]
    given: NDArray[np.bool_]

    def __iter__(self) -> Iterator[PredictedLabels]:
        for name, p, given in zip(self.names, self.probabilities, self.given, strict=True):
            places = np.flatnonzero(given)
            order = places[np.argsort(-p[places], kind="stable")]
            yield PredictedLabels(
                name,
                tuple(GivenLabel(label=self.labels[j], probability=float(p[j])) for j in order),
            )

    def _cells(self, row: PredictedLabels) -> tuple[object, ...]:
        shown = ", ".join(f"{one.label} {one.probability:.2f}" for one in row.labels)
        return row.path, shown or "none"
