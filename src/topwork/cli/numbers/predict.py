"""``topwork predict`` with a model of numbers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from topwork.cli.heads.predict import HeadPrediction, HeadPredictResult, PredictionShown
from topwork.cli.listed_predictions import write_listed

if TYPE_CHECKING:
    from topwork.model import NumberModel
    from topwork.model.number.predictions import PredictedNumber


class NumberPrediction(HeadPrediction):
    """What the model predicts for one item.

    Attributes
    ----------
    value
        The number.
    low, high
        The interval that holds the true number as often as the model promises; ``None`` where it
        can't promise any.
    """

    value: float
    low: float | None
    high: float | None


class NumberPredictResult(HeadPredictResult[NumberPrediction]):
    """What ``predict`` prints of a model of numbers.

    Attributes
    ----------
    error_rate
        Share of items whose interval may miss the true number.
    promised
        Whether the model promises intervals at all.
    """

    task: Literal["number"] = "number"
    error_rate: float
    promised: bool


def _result(model: NumberModel, **read: Any) -> NumberPredictResult:
    rule = model.card.intervals
    return NumberPredictResult(error_rate=rule.error_rate, promised=rule.factor is not None, **read)


def _fields(one: PredictedNumber) -> dict[str, Any]:
    return {"value": one.value, "low": one.low, "high": one.high}


def _write(table: Path, result: NumberPredictResult, found: object) -> None:  # noqa: ARG001
    """A row for each item that could be read, safe to open in a spreadsheet."""
    cells = (
        (f"{p.value:.8g}", *("" if end is None else f"{end:.8g}" for end in (p.low, p.high)))
        for p in result.predictions
    )
    write_listed(table, result.predictions, ("value", "low", "high"), cells)


def _headings(result: NumberPredictResult) -> tuple[str, ...]:
    return ("value", f"{100 * (1 - result.error_rate):g} % interval")


def _cells(prediction: NumberPrediction) -> tuple[str, ...]:
    ends = "none"
    if prediction.low is not None and prediction.high is not None:
        ends = f"{prediction.low:.5g} to {prediction.high:.5g}"
    return f"{prediction.value:.5g}", ends


def _remark(result: NumberPredictResult) -> str:
    return "" if result.promised else "No intervals: the model was fitted on too few items."


PREDICTED = PredictionShown(_result, _fields, _write, _headings, _cells, _remark)
