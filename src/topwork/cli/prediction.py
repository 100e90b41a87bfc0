"""What ``predict`` prints, as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict

from topwork.data import MODALITIES, Item, ModalityName, Rejected
from topwork.data.json_object import JsonObject
from topwork.errors import DataError
from topwork.features.rejected import RejectedRecord
from topwork.features.remarks import RemarkRecord
from topwork.model import Model, TableClassifierModel
from topwork.model.predictions import Predictions
from topwork.runtime.progress import Progress


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True)


class TopLabel(_Record):
    """A class and its probability."""

    label: str
    probability: float


class Prediction(_Record):
    """What the model says about one item.

    Attributes
    ----------
    path
        The item's name; of a text the table and its line.
    text
        The text itself; ``None`` for an image.
    unknown
        It looks like none of the classes.
    set
        The classes that are credible at the model's error rate; none where even the right class
        is seldom so improbable.
    """

    path: str
    text: str | None = None
    label: str
    probability: float
    top: list[TopLabel]
    unknown: bool
    set: list[str]


class PredictResult(JsonObject, BaseModel):
    """What ``predict`` says.

    Attributes
    ----------
    cut_short
        Counts items longer than the model looks at.
    remarks
        How some of the items were read.
    skipped
        What lay in the data and is no item: counts by extension (``.heic``) or description.
    notes
        Sentences about what was read in another way than it lies there, or may mean more.
    unknown_on
        Whether the model calls any input unknown.
    """

    task: Literal["classes"] = "classes"
    modality: ModalityName = "image"
    predictions: list[Prediction]
    rejected: list[RejectedRecord]
    cut_short: int = 0
    remarks: list[RemarkRecord] = []
    skipped: dict[str, int] = {}
    notes: list[str] = []
    unknown_on: bool = True


def predict_result(
    model: Model, items: Sequence[Item], top: int, progress: Progress
) -> PredictResult:
    """Predictions for all items that can be read.

    Raises
    ------
    DataError
        None can be read.
    """
    predicted = model.predictions(items, keep_features=False, progress=progress)
    rejected = RejectedRecord.of(predicted.rejected)
    if not len(predicted):
        raise nothing_readable(items, predicted.rejected[0], model.card.kind)
    return PredictResult(
        modality=model.card.kind,
        predictions=listed(model, items, predicted, top),
        rejected=rejected,
        cut_short=predicted.cut_short,
        remarks=list(predicted.remarks),
        unknown_on=model.card.unknown_threshold is not None,
    )


def nothing_readable(items: Sequence[Item], first: Rejected, kind: ModalityName) -> DataError:
    """Not one of the inputs can be read."""
    return DataError(
        f"None of the {len(items)} inputs can be read, the first is {first.path} ({first.why}).",
        remedy=MODALITIES[kind].words.accepted,
        code="nothing_readable",
    )


def listed(
    model: Model | TableClassifierModel, items: Sequence[Item], predicted: Predictions, top: int
) -> list[Prediction]:
    """What a model said of the items that could be read, with so many classes of each."""
    predictions, inline = [], model.kind.inline
    for position, (name, code) in enumerate(zip(predicted.names, predicted.codes, strict=True)):
        ranked = [
            TopLabel(label=str(model.labels[c]), probability=probability)
            for c, probability in predicted.top(position, top)
        ]
        predictions.append(
            Prediction(
                path=name,
                text=model.kind.caption(items[predicted.kept[position]]) if inline else None,
                label=str(model.labels[code]),
                probability=float(predicted.probabilities[position, code]),
                top=ranked,
                unknown=bool(predicted.unknown[position]),
                set=[str(model.labels[c]) for c in np.flatnonzero(predicted.sets[position])],
            )
        )
    return predictions


def check_named(inputs: Sequence[str], *, inline: bool) -> None:
    """Refuse an empty name of a file.

    Raises
    ------
    ParameterError
        One is empty.
    """
    from topwork.errors import ParameterError

    if not inline and not all(inputs):
        raise ParameterError(
            "An input is empty, which may come from a variable that is not set.",
            remedy="Name an image, a folder or a table; . is the current folder.",
            code="empty_input",
        )
