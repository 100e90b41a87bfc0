"""What a fit of numbers found, as plain data."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from topwork.data import ModalityName
from topwork.data.json_object import JsonObject
from topwork.features.rejected import RejectedRecord
from topwork.features.remarks import RemarkRecord
from topwork.model.short_repr import ShortRepr, score
from topwork.reporting.result import Copies, FeatureCounts, Seconds
from topwork.selection.choice import Selection
from topwork.tasks.number.intervals import IntervalRule
from topwork.tasks.number.scores import NumberScores
from topwork.tasks.number.transform import TransformName


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True)


class NumberTried(_Record):
    """One candidate: what was tried, how good it is, what it took in seconds."""

    name: str
    backbone: str
    n_items: int
    scores: NumberScores
    seconds: float
    chosen: bool
    baseline: bool


class NumberRange(_Record):
    """The numbers that were learnt from.

    Attributes
    ----------
    least, median, most
        In the units of the target.
    n_distinct
        How many different ones there are.
    """

    least: float
    median: float
    most: float
    n_distinct: int


class NumberFitResult(ShortRepr, JsonObject, BaseModel):
    """What ``fit`` found where the labels are numbers.

    Attributes
    ----------
    model
        Where the bundle was saved, if it was.
    previous_model
        Where the model is now that was there before; ``None`` where none was.
    asked, backbone
        The backbone that was asked for, and the one of the selected model.
    head
        ``ridge``, or ``constant`` where the median is as good.
    target
        The numbers that were learnt from.
    transform
        The scale on which the selected model predicts: ``none``, ``log`` or ``rank``.
    scores
        Of the selected model, refitted in each fold, the selection repeated without each fold.
    intervals
        How the intervals of single predictions are made.
    mean_width
        Mean width of these intervals over the training items, in the units of the target;
        ``None`` where none can be promised.
    duplicates
        Items that are there more than once.
    tried
        The baselines and the transfer, from simple to complex.
    choice
        Why the selected model was chosen among them.
    """

    task: Literal["number"] = "number"
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
    target: NumberRange
    transform: TransformName
    scores: NumberScores
    intervals: IntervalRule
    mean_width: float | None
    duplicates: Copies
    n_families: int = 0
    tried: list[NumberTried]
    choice: Selection | None
    seconds: Seconds
    images_per_second: float
    cut_short: int = 0
    remarks: list[RemarkRecord] = []
    skipped: dict[str, int] = {}
    notes: list[str] = []

    @property
    def promise(self) -> str:
        """What the intervals of single predictions hold, for people."""
        rule = self.intervals
        share = f"{100 * (1 - rule.error_rate):g} %"
        if rule.factor is None or self.mean_width is None:
            return (
                f"Intervals of single predictions cannot be promised: {share} takes {rule.needed} "
                "independent items, and there are fewer."
            )
        return (
            f"The interval of a single prediction holds the true number for {share} of items like "
            f"these; it is {self.mean_width:.4g} wide on average."
        )

    def _facts(self) -> dict[str, object]:
        return {
            "items": self.n_items,
            "mae": score(self.scores.mae),
            "r2": score(self.scores.r2),
            "backbone": self.backbone,
            "head": self.head,
            "rejected": len(self.rejected),
            "seconds": f"{self.seconds.total:.1f}",
        }
