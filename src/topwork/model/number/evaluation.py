"""How good a regressor is on other data."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from topwork.data import Dataset
from topwork.metrics import Score
from topwork.metrics.intervals import Units, share_interval
from topwork.model.evaluation.judged_data import JudgedData
from topwork.model.evaluation.shifted import DataShift
from topwork.model.number.predictions import NumberPredictions
from topwork.model.short_repr import score
from topwork.tasks.number.intervals import IntervalRule
from topwork.tasks.number.scores import NumberScores, number_scores

MAX_ERRORS = 50


class LargeError(BaseModel):
    """An item whose prediction is far from its true number.

    Attributes
    ----------
    path
        What the item is called.
    true
        Its number in the data.
    value, low, high
        What was predicted, and the interval, ``null`` where none can be promised.
    """

    model_config = ConfigDict(frozen=True)

    path: str
    true: float
    value: float
    low: float | None
    high: float | None


class NumberEvaluation(JudgedData, BaseModel):
    """What ``evaluate`` found of a regressor.

    Attributes
    ----------
    coverage
        Share of the true numbers that lie in their intervals; ``null`` where the model promises
        none.
    promised
        Share that the model promises.
    mean_width
        Mean width of the intervals, in the units of the target.
    shift
        Whether the items look different from those of training; ``null`` where there are too few to
        tell, or the model stores none.
    largest_errors
        Items by the size of their errors, the largest first, at most ``MAX_ERRORS``.
    """

    task: Literal["number"] = "number"
    scores: NumberScores
    coverage: Score | None
    promised: float
    mean_width: float | None
    shift: DataShift | None = None
    largest_errors: list[LargeError] = []

    def _facts(self) -> dict[str, object]:
        return {
            "items": self.n_items,
            "mae": score(self.scores.mae),
            "r2": score(self.scores.r2),
            "rejected": len(self.rejected),
        }


def judged_numbers(
    data: Dataset, found: NumberPredictions, rule: IntervalRule, **facts: Any
) -> NumberEvaluation:
    """The scores of predicted numbers, and what their intervals hold; see `HeadModel`."""
    true, promised = data.numbers, rule.factor is not None
    return NumberEvaluation(
        **facts,
        scores=number_scores(true, found.values, groups=data.groups),
        coverage=_coverage(true, found, data.groups) if promised else None,
        promised=1 - rule.error_rate,
        mean_width=float(np.mean(found.high - found.low)) if promised else None,
        largest_errors=_largest(true, found),
    )


def _coverage(
    true: NDArray[np.float64], found: NumberPredictions, groups: NDArray[np.generic] | None
) -> Score:
    inside = (found.low <= true) & (true <= found.high)
    value, n = float(inside.mean()), len(inside)
    low, high = share_interval(
        value,
        (inside - value) / n,
        independent=value * (1 - value) / n,
        ceiling=n,
        units=Units.of(n, groups),
    )
    return Score(value=value, low=low, high=high)


def _largest(true: NDArray[np.float64], found: NumberPredictions) -> list[LargeError]:
    order = np.argsort(-np.abs(found.values - true), kind="stable")[:MAX_ERRORS]
    rows = list(found)
    return [
        LargeError(
            path=rows[i].path,
            true=float(true[i]),
            value=rows[i].value,
            low=rows[i].low,
            high=rows[i].high,
        )
        for i in order
    ]
