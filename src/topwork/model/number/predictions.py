"""What a regressor says about items."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from topwork.model.heads.predictions import HeadPredictions


@dataclass(frozen=True, slots=True)
class PredictedNumber:
    """What a model predicts for one item.

    Parameters
    ----------
    path
        What the item is called.
    value
        The number.
    low, high
        The interval that holds the true number as often as the model promises; None where it
        can't promise any.
    """

    path: str
    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class NumberPredictions(HeadPredictions[PredictedNumber]):
    """Predictions for the items that could be read, in the order of the items.

    ``for item in predictions`` gives a `PredictedNumber` each, and
    ``pandas.DataFrame(predictions.columns())`` a table.

    Parameters
    ----------
    values
        ``(m,)``, in the units of the target.
    low, high
        Ends of the intervals, ``(m,)``; NaN where none can be promised.
    """

    row: ClassVar[type[PredictedNumber]] = PredictedNumber

    values: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    def __iter__(self) -> Iterator[PredictedNumber]:
        for name, value, low, high in zip(
            self.names, self.values, self.low, self.high, strict=True
        ):
            yield PredictedNumber(name, float(value), _known(low), _known(high))


def _known(end: float) -> float | None:
    return None if np.isnan(end) else float(end)
