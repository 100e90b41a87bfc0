"""What looking at a new domain with a detector found."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from topwork.data import ModalityName
from topwork.data.json_object import JsonObject
from topwork.features.rejected import RejectedRecord
from topwork.features.remarks import RemarkRecord
from topwork.model.evaluation.shifted import DataShift


class DetectorAdaptResult(JsonObject, BaseModel):
    """What ``adapt`` found with a detector.

    Attributes
    ----------
    n_items
        Unlabelled images that could be read.
    n_boxes, n_without
        Boxes at the model's threshold, and images without any.
    seen_in_training
        Unlabelled images that the model was fitted on.
    shift
        Whether the images look like those of training; ``null`` where there are too few to tell,
        or the model stores none.
    adapted
        Always ``false``: a detector is not changed without annotations.
    suggestions
        The folder with images to annotate.
    suggested
        Their paths, the most useful first.
    sentences
        The outcome for people.
    """

    model_config = ConfigDict(frozen=True)

    task: Literal["boxes"] = "boxes"
    modality: ModalityName = "image"
    n_items: int
    n_boxes: int
    n_without: int
    seen_in_training: int
    rejected: list[RejectedRecord]
    remarks: list[RemarkRecord] = []
    shift: DataShift | None
    adapted: Literal[False] = False
    suggestions: str | None = None
    suggested: list[str] = []
    sentences: list[str]
    seconds: float


class DetectorAdaptResults(JsonObject, BaseModel):
    """What ``adapt`` found for several new domains, in the order given."""

    model_config = ConfigDict(frozen=True)

    task: Literal["boxes"] = "boxes"
    modality: ModalityName = "image"
    domains: list[DetectorAdaptResult]
