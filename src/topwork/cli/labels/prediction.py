"""What ``predict`` prints of a model of several labels, as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from topwork.cli.prediction import nothing_readable
from topwork.data import Item, ModalityName
from topwork.data.json_object import JsonObject
from topwork.features.rejected import RejectedRecord
from topwork.features.remarks import RemarkRecord
from topwork.model import LabelsModel
from topwork.model.labels.predictions import GivenLabel
from topwork.runtime.progress import Progress


class LabelsPrediction(BaseModel):
    """What the model predicts for one item.

    Attributes
    ----------
    path
        The item's name; of a text the table and its line.
    text
        The text itself; ``None`` for an image.
    labels
        Those that it has by the model, the most probable first; there may be none.
    """

    model_config = ConfigDict(frozen=True)

    path: str
    text: str | None = None
    labels: list[GivenLabel]


class LabelsPredictResult(JsonObject, BaseModel):
    """What ``predict`` prints of a model of several labels.

    Attributes
    ----------
    miss
        Share of an item's labels that the model promises to miss at most; ``None`` where it
        promises none.
    """

    model_config = ConfigDict(frozen=True)

    task: Literal["labels"] = "labels"
    modality: ModalityName = "image"
    predictions: list[LabelsPrediction]
    rejected: list[RejectedRecord]
    miss: float | None = None
    cut_short: int = 0
    remarks: list[RemarkRecord] = []
    skipped: dict[str, int] = {}
    notes: list[str] = []


def labels_result(
    model: LabelsModel, items: Sequence[Item], progress: Progress
) -> tuple[LabelsPredictResult, NDArray[np.float64]]:
    """Predictions for all items that can be read, and the probabilities of all labels (m, L).

    Raises
    ------
    DataError
        None can be read.
    """
    found = model.predictions(items, progress=progress)
    if not len(found):
        raise nothing_readable(items, found.rejected[0], model.card.kind)
    inline, promise = model.kind.inline, model.card.miss
    result = LabelsPredictResult(
        modality=model.card.kind,
        predictions=[
            LabelsPrediction(
                path=one.path,
                text=model.kind.caption(items[place]) if inline else None,
                labels=list(one.labels),
            )
            for place, one in zip(found.kept, found, strict=True)
        ],
        rejected=RejectedRecord.of(found.rejected),
        miss=None if promise is None or promise.shift is None else promise.target,
        cut_short=found.cut_short,
        remarks=list(found.remarks),
    )
    return result, found.probabilities
