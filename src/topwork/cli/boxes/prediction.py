"""What ``predict`` prints of a detector, as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from topwork.cli.prediction import nothing_readable
from topwork.data import Item, ModalityName
from topwork.data.json_object import JsonObject
from topwork.features.rejected import RejectedRecord
from topwork.features.remarks import RemarkRecord
from topwork.model.detection.model import DetectorModel
from topwork.model.detection.predictions import DetectionPredictions
from topwork.runtime.progress import Progress


class PredictedBox(BaseModel):
    """One object.

    Attributes
    ----------
    probability
        That the box is right: an object of this class that it overlaps by half.
    x1, y1, x2, y2
        Its edges in pixels of the upright image.
    """

    model_config = ConfigDict(frozen=True)

    label: str
    probability: float
    x1: float
    y1: float
    x2: float
    y2: float


class BoxesOfImage(BaseModel):
    """What the model finds in one image, the most probable object first."""

    model_config = ConfigDict(frozen=True)

    path: str
    width: int
    height: int
    boxes: list[PredictedBox]


class BoxesPredictResult(JsonObject, BaseModel):
    """What ``predict`` prints of a detector.

    Attributes
    ----------
    threshold
        Least probability of a box.
    """

    model_config = ConfigDict(frozen=True)

    task: Literal["boxes"] = "boxes"
    modality: ModalityName = "image"
    threshold: float
    predictions: list[BoxesOfImage]
    rejected: list[RejectedRecord]
    remarks: list[RemarkRecord] = []
    skipped: dict[str, int] = {}
    notes: list[str] = []


def boxes_result(
    model: DetectorModel, items: Sequence[Item], threshold: float | None, progress: Progress
) -> tuple[BoxesPredictResult, DetectionPredictions]:
    """Objects in all images that can be read.

    Raises
    ------
    DataError
        None can be read.
    """
    found = model.predictions(items, threshold=threshold, progress=progress)
    if not len(found):
        raise nothing_readable(items, found.rejected[0], model.card.kind)
    result = BoxesPredictResult(
        modality=model.card.kind,
        threshold=model.card.threshold if threshold is None else threshold,
        predictions=[
            BoxesOfImage(
                path=name,
                width=size[0],
                height=size[1],
                boxes=[PredictedBox(**box._asdict()) for box in boxes],
            )
            for name, size, boxes in zip(found.names, found.sizes, found, strict=True)
        ],
        rejected=RejectedRecord.of(found.rejected),
        remarks=list(found.remarks),
    )
    return result, found
