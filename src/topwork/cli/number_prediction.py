"""What ``predict`` prints of a model of numbers, as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from topwork.cli.prediction import nothing_readable
from topwork.data import Item, ModalityName
from topwork.data.json_object import JsonObject
from topwork.features.rejected import RejectedRecord
from topwork.features.remarks import RemarkRecord
from topwork.model import NumberModel
from topwork.runtime.progress import Progress


class NumberPrediction(BaseModel):
    """What the model predicts for one item.

    Attributes
    ----------
    path
        The item's name; of a text the table and its line.
    text
        The text itself; ``None`` for an image.
    value
        The number.
    low, high
        The interval that holds the true number as often as the model promises; ``None`` where it
        can't promise any.
    """

    model_config = ConfigDict(frozen=True)

    path: str
    text: str | None = None
    value: float
    low: float | None
    high: float | None


class NumberPredictResult(JsonObject, BaseModel):
    """What ``predict`` prints of a model of numbers.

    Attributes
    ----------
    error_rate
        Share of items whose interval may miss the true number.
    promised
        Whether the model promises intervals at all.
    """

    model_config = ConfigDict(frozen=True)

    task: Literal["number"] = "number"
    modality: ModalityName = "image"
    predictions: list[NumberPrediction]
    rejected: list[RejectedRecord]
    error_rate: float
    promised: bool
    cut_short: int = 0
    remarks: list[RemarkRecord] = []
    skipped: dict[str, int] = {}
    notes: list[str] = []


def number_result(
    model: NumberModel, items: Sequence[Item], progress: Progress
) -> NumberPredictResult:
    """Predictions for all items that can be read.

    Raises
    ------
    DataError
        None can be read.
    """
    found = model.predictions(items, progress=progress)
    if not len(found):
        raise nothing_readable(items, found.rejected[0], model.card.kind)
    inline, rule = model.kind.inline, model.card.intervals
    return NumberPredictResult(
        modality=model.card.kind,
        predictions=[
            NumberPrediction(
                path=one.path,
                text=model.kind.caption(items[place]) if inline else None,
                value=one.value,
                low=one.low,
                high=one.high,
            )
            for place, one in zip(found.kept, found, strict=True)
        ],
        rejected=RejectedRecord.of(found.rejected),
        error_rate=rule.error_rate,
        promised=rule.factor is not None,
        cut_short=found.cut_short,
        remarks=list(found.remarks),
    )
