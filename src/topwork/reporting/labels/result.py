"""What a fit of several labels found, as plain data."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from topwork.data import ModalityName
from topwork.data.json_object import JsonObject
from topwork.features.rejected import RejectedRecord
from topwork.features.remarks import RemarkRecord
from topwork.model.short_repr import ShortRepr, score, some
from topwork.reporting.result import Copies, FeatureCounts, Seconds
from topwork.selection.choice import Selection
from topwork.tasks.labels.miss import LabelMiss
from topwork.tasks.labels.scores import LabelScore, LabelsScores


class LabelsTried(BaseModel):
    """One candidate: what was tried, how good it is, what it took in seconds."""

    model_config = ConfigDict(frozen=True)

    name: str
    backbone: str
    n_items: int
    scores: LabelsScores
    seconds: float
    chosen: bool
    baseline: bool


class LabelRule(BaseModel):
    """From when on a label is predicted.

    Attributes
    ----------
    threshold
        The least probability.
    temperature
        What the log odds were divided by before they became the probability.
    """

    model_config = ConfigDict(frozen=True)

    label: str
    threshold: float
    temperature: float


class LabelsFitResult(ShortRepr, JsonObject, BaseModel):
    """What ``fit`` found where items have several labels.

    Attributes
    ----------
    model
        Where the bundle was saved, if it was.
    previous_model
        Where the model is now that was there before; ``None`` where none was.
    asked, backbone
        The backbone that was asked for, and the one of the selected model.
    head
        ``logistic``, or ``constant`` where the labels' frequencies are as good.
    labels
        The L labels that were learnt.
    labels_per_item
        On average.
    scores
        Of the selected model, refitted in each fold, the selection repeated without each fold.
    per_label
        The scores of each label.
    rules
        From when on each label is predicted.
    miss
        How many labels are missed at most; ``None`` where that was not asked for.
    duplicates
        Items that are there more than once.
    tried
        The baselines and the transfer, from simple to complex.
    choice
        Why the selected model was chosen among them.
    """

    task: Literal["labels"] = "labels"
    modality: ModalityName = "image"
    model: str | None = None
    previous_model: str | None = None
    asked: str
    backbone: str
    strategy: str = "probe"
    head: str
    engine: str
    precision: str
    n_items: int
    rejected: list[RejectedRecord]
    features: FeatureCounts
    labels: list[str]
    labels_per_item: float
    scores: LabelsScores
    per_label: list[LabelScore]
    rules: list[LabelRule]
    miss: LabelMiss | None = None
    duplicates: Copies
    n_families: int = 0
    tried: list[LabelsTried]
    choice: Selection | None
    seconds: Seconds
    images_per_second: float
    cut_short: int = 0
    remarks: list[RemarkRecord] = []
    skipped: dict[str, int] = {}
    notes: list[str] = []

    def _facts(self) -> dict[str, object]:
        return {
            "items": self.n_items,
            "labels": some(self.labels),
            "mean_ap": score(self.scores.mean_ap),
            "macro_f1": score(self.scores.macro_f1),
            "backbone": self.backbone,
            "head": self.head,
            "rejected": len(self.rejected),
            "seconds": f"{self.seconds.total:.1f}",
        }
