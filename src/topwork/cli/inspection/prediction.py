"""What ``predict`` prints of a model that inspects parts, as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from topwork.cli.inspection.heat_images import write_heat_maps
from topwork.cli.prediction import nothing_readable
from topwork.data import Item, ModalityName
from topwork.data.json_object import JsonObject
from topwork.features.rejected import RejectedRecord
from topwork.features.remarks import RemarkRecord
from topwork.model import InspectorModel
from topwork.runtime.progress import Progress
from topwork.shift.moved_scores import MovedScores


class PartPrediction(BaseModel):
    """What the model says of one image.

    Attributes
    ----------
    path
        The image's name.
    text
        Always ``None``.
    score
        Largest distance of a place from the good parts.
    p
        Share of good parts that are at least as odd, above 0 to 1.
    anomalous
        Whether the score is above the threshold.
    map
        The file of its heat map; ``None`` where none was asked for.
    """

    model_config = ConfigDict(frozen=True)

    path: str
    text: str | None = None
    score: float
    p: float
    anomalous: bool
    map: str | None = None


class InspectResult(JsonObject, BaseModel):
    """What ``predict`` prints of a model that inspects parts.

    Attributes
    ----------
    false_alarms
        Fraction of new good parts that may be called anomalous.
    threshold
        Parts of a larger score are.
    """

    model_config = ConfigDict(frozen=True)

    task: Literal["one-class"] = "one-class"
    modality: ModalityName = "image"
    predictions: list[PartPrediction]
    rejected: list[RejectedRecord]
    false_alarms: float
    threshold: float
    cut_short: int = 0
    remarks: list[RemarkRecord] = []
    skipped: dict[str, int] = {}
    notes: list[str] = []
    moved: MovedScores | None = None


def inspect_result(
    model: InspectorModel, items: Sequence[Item], maps: Path | None, progress: Progress
) -> InspectResult:
    """Predictions for all images that can be read, and their heat maps where those are wanted.

    Raises
    ------
    DataError
        None can be read.
    ParameterError
        A heat map would replace one of the images.
    """
    found = model.predictions(items, progress=progress)
    if not len(found):
        raise nothing_readable(items, found.rejected[0], model.card.kind)
    files = [None] * len(found) if maps is None else write_heat_maps(maps, model, items, found)
    return InspectResult(
        modality=model.card.kind,
        predictions=[
            PartPrediction(
                path=one.path, score=one.score, p=one.p, anomalous=one.anomalous, map=file
            )
            for one, file in zip(found, files, strict=True)
        ],
        rejected=RejectedRecord.of(found.rejected),
        false_alarms=model.card.false_alarms,
        threshold=model.card.threshold,
        remarks=list(found.remarks),
        moved=found.moved,
    )
