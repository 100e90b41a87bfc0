"""What a model of several labels says about items."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from topwork.data import Rejected
from topwork.features.remarks import RemarkRecord
from topwork.model.prediction_table import PredictionTable


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


@dataclass(frozen=True, slots=True, repr=False)
class LabelsPredictions(PredictionTable[PredictedLabels]):
    """Predictions for the items that could be read, in the order of the items.

    ``for item in predictions`` gives a `PredictedLabels` each, and
    ``pandas.DataFrame(predictions.probabilities, columns=predictions.labels)`` all probabilities.

    Parameters
    ----------
    kept
        Positions of the m items that could be read.
    names, keys
        What those are called, and their content keys.
    labels
        The L labels of the model.
    probabilities
        Of each label, ``(m, L)``.
    given
        Whether the label is predicted, ``(m, L)``.
    rejected
        The other items, each with its reason.
    cut_short
        How many were too long for the network to see all of them.
    remarks
        How some of the items were read, otherwise than their owner may think.
    features
        ``(m, d)``, where they were asked for.
    """

    row: ClassVar[type[PredictedLabels]] = PredictedLabels

    kept: list[int]
    names: list[str]
    keys: list[bytes]
    labels: tuple[str, ...]
    probabilities: NDArray[np.float64]
    given: NDArray[np.bool_]
    rejected: list[Rejected]
    cut_short: int = 0
    remarks: tuple[RemarkRecord, ...] = ()
    features: NDArray[np.float32] | None = None

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
