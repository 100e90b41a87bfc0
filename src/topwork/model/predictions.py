"""What a model says about items."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from topwork.calibration.cost import decide
from topwork.data import Rejected
from topwork.features.remarks import RemarkRecord
from topwork.model.card import Label
from topwork.model.prediction_table import PredictionTable
from topwork.model.short_repr import some


@dataclass(frozen=True, slots=True)
class PredictedItem:
    """What a model predicts for one item.

    Parameters
    ----------
    path
        What the item is called.
    label
        The class.
    probability
        Of that class.
    unknown
        Whether the item looks like none of the classes.
    set
        The classes that are credible for it.
    """

    path: str
    label: Label
    probability: float
    unknown: bool
    set: tuple[Label, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Predictions(PredictionTable[PredictedItem]):
    """Predictions for the items that could be read, in the order of the items.

    ``for item in predictions`` gives a `PredictedItem` each, and
    ``pandas.DataFrame(predictions.columns())`` a table.

    Parameters
    ----------
    kept
        Positions of the m items that could be read.
    names, keys
        What those are called, and their content keys.
    logits
        ``(m, k)``, before the temperature.
    probabilities
        ``(m, k)``.
    features
        ``(m, d)``; without rows where they were not kept.
    unknown
        Whether each looks like none of the classes, ``(m,)``.
    sets
        Which classes are credible for each, ``(m, k)``.
    threshold
        Of two classes the second is said from this probability on, where errors cost differently.
    rejected
        The other items, each with its reason.
    cut_short
        How many were too long for the network to see all of them.
    remarks
        How some of the items were read, otherwise than their owner may think.
    labels
        The k classes.
    """

    row: ClassVar[type[PredictedItem]] = PredictedItem

    kept: list[int]
    names: list[str]
    keys: list[bytes]
    logits: NDArray[np.float32]
    probabilities: NDArray[np.float32]
    features: NDArray[np.float32]
    unknown: NDArray[np.bool_]
    sets: NDArray[np.bool_]
    rejected: list[Rejected]
    threshold: float | None = None
    cut_short: int = 0
    remarks: tuple[RemarkRecord, ...] = ()
    labels: Sequence[Label] = ()

    def __iter__(self) -> Iterator[PredictedItem]:
        for position, code in enumerate(self.codes):
            yield PredictedItem(
                path=self.names[position],
                label=self.labels[code],
                probability=float(self.probabilities[position, code]),
                unknown=bool(self.unknown[position]),
                set=tuple(self.labels[c] for c in np.flatnonzero(self.sets[position]).tolist()),
            )

    def _counts(self) -> str:
        return f"{int(self.unknown.sum())} unknown, "

    def _cells(self, row: PredictedItem) -> tuple[object, ...]:
        return row.path, row.label, f"{row.probability:.3f}", row.unknown, some(row.set)

    @property
    def codes(self) -> NDArray[np.int64]:
        """The class that is said of each, ``(m,)``."""
        return decide(self.probabilities, self.threshold) if len(self) else np.empty(0, np.int64)

    def top(self, position: int, n: int = 5) -> list[tuple[int, float]]:
        """The n most probable classes of one item, with their probabilities."""
        row = self.probabilities[position]
        return [(int(c), float(row[c])) for c in np.argsort(-row, kind="stable")[:n]]
