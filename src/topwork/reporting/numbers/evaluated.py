"""What the page of an evaluation says of numbers."""

from __future__ import annotations

import numpy as np

from topwork.data import Dataset
from topwork.model import NumberEvaluation, NumberModel, NumberPredictions
from topwork.report import Point, PredictedNumbers
from topwork.report.numbers import number, percent
from topwork.reporting.evaluated_head import EvaluatedWords

MAX_POINTS = 400


def evaluated_numbers(
    found: NumberEvaluation,
    model: NumberModel,  # noqa: ARG001
    data: Dataset,
    predicted: NumberPredictions,
) -> EvaluatedWords:
    """In words, with a figure of predictions against true numbers and the largest errors."""
    mae, r2 = found.scores.mae, found.scores.r2
    good = f"Predictions are off by {number(mae.value)} on average."
    if r2 is not None:
        good += f" They explain {percent(max(r2.value, 0.0))} of the variance."
    high = "or more" if mae.high is None else f"to {number(mae.high)}"
    return EvaluatedWords(
        headline="mae",
        how_good=good,
        how_sure=f"The 95 % confidence interval is {number(mae.low)} {high}.",
        errors=tuple(
            (one.path, number(one.true), number(one.value)) for one in found.largest_errors
        ),
        sections={"numbers": _points(found, data.numbers[predicted.kept], predicted)},
    )


def _points(
    found: NumberEvaluation, true: np.ndarray, predicted: NumberPredictions
) -> PredictedNumbers:
    values = np.array([one.value for one in predicted])
    rows = np.linspace(0, len(true) - 1, min(MAX_POINTS, len(true))).astype(int)
    both = np.concatenate([true[rows], values[rows]])
    if found.coverage is None:
        promise = "The model gives no intervals: it was fitted on too few items."
    else:
        promise = (
            f"{percent(found.coverage.value)} of the true numbers lie in their intervals; "
            f"{100 * found.promised:g} % was promised."
        )
    return PredictedNumbers(
        points=tuple(Point(true=float(true[i]), predicted=float(values[i])) for i in rows),
        least=float(both.min()),
        most=float(both.max()),
        promise=promise,
        items="these items",
    )
