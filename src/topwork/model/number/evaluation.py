"""How good a regressor is on other data."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from topwork.data import Dataset, Item
from topwork.features import ExtraRequest
from topwork.features.hashed_words import HashedWords
from topwork.features.rejected import RejectedRecord
from topwork.metrics import Score
from topwork.metrics.intervals import Units, share_interval
from topwork.model.evaluation.copies import CopySearch
from topwork.model.evaluation.judged_data import JudgedData, check_any_readable
from topwork.model.evaluation.ledger import note_use
from topwork.model.evaluation.shifted import DataShift, rows_shift
from topwork.model.number.predictions import NumberPredictions
from topwork.model.short_repr import score
from topwork.model.training_items import TrainingNumbers
from topwork.tasks.number.intervals import IntervalRule
from topwork.tasks.number.scores import NumberScores, number_scores
from topwork.tasks.number.strata import strata_like

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


def evaluate_numbers(
    data: Dataset,
    *,
    training: TrainingNumbers,
    rule: IntervalRule,
    identity: str,
    predict: Callable[[Sequence[Item], Sequence[ExtraRequest]], NumberPredictions],
    made_of_items: bool = False,
) -> tuple[NumberEvaluation, NumberPredictions]:
    """Judge a regressor on labelled data.

    Parameters
    ----------
    training, rule, identity
        Of the model.
    predict
        What the model says about items, which others see, too, while they are open; with features.
    made_of_items
        Whether the model's backbone was made of its training texts.

    Raises
    ------
    DataError
        The data have no numbers, or nothing can be read.
    """
    begun = time.monotonic()
    numbers = data.numbers
    copies, words = CopySearch(training), HashedWords(wanted=made_of_items)
    found = predict(data.items, (*copies.extra_requests, *words.extra_requests))
    check_any_readable(len(found), found.rejected, "items")
    true = numbers[found.kept]
    groups = None if data.groups is None else data.groups[found.kept]
    promised = rule.factor is not None
    evaluation = NumberEvaluation(
        modality=data.kind.name,
        cut_short=found.cut_short,
        n_items=len(found),
        seen_in_training=training.saw(found.keys),
        altered_copies=copies.altered(found.keys),
        rejected=RejectedRecord.of((*data.rejected, *found.rejected)),
        remarks=list(found.remarks),
        scores=number_scores(true, found.values, groups=groups),
        coverage=_coverage(true, found, groups) if promised else None,
        promised=1 - rule.error_rate,
        mean_width=float(np.mean(found.high - found.low)) if promised else None,
        shift=_shift(
            training, found, words.of(found.keys) if made_of_items else found.features, true, groups
        ),
        largest_errors=_largest(true, found),
        uses=note_use(identity, found.keys),
        skipped=dict(data.ignored),
        notes=list(data.hints),
        seconds=time.monotonic() - begun,
    )
    return evaluation, found


def _shift(
    training: TrainingNumbers,
    found: NumberPredictions,
    rows: NDArray[np.float32] | None,
    true: NDArray[np.float64],
    groups: NDArray[np.generic] | None,
) -> DataShift | None:
    """Compare items of like numbers with those of training."""
    if rows is None or not len(training.rehearsal):
        return None
    return rows_shift(
        training.rehearsal,
        training.rehearsal_codes,
        training.rehearsal_groups,
        rows,
        strata_like(true, training.numbers, training.codes),
        groups=groups,
        seen=training.seen(found.keys),
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
