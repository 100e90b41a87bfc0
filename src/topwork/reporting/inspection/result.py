"""What a fit on good parts found, as plain data."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from topwork.data import ModalityName
from topwork.data.json_object import JsonObject
from topwork.features.rejected import RejectedRecord
from topwork.heads.inspection.normality import NormalityName
from topwork.metrics.records import Score
from topwork.model.short_repr import ShortRepr, score
from topwork.reporting.result import FeatureCounts, Seconds
from topwork.runtime.counted import counted


class InspectionScores(BaseModel):
    """How well anomalous parts are told.

    Attributes
    ----------
    auroc
        Chance that a defective part scores above a good one; ``None`` where there is none of them.
    pixel_auroc
        The same of pixels in and outside of marked defects.
    false_alarm_rate
        Of a fit the share of new good parts that is expected to be called anomalous; of an
        evaluation the share that was.
    """

    model_config = ConfigDict(frozen=True)

    auroc: Score | None = None
    pixel_auroc: Score | None = None
    false_alarm_rate: Score | None = None


class OddPart(BaseModel):
    """A good part of the fit that is least like the others.

    Attributes
    ----------
    path
        What its image is called.
    score
        Its held-out score.
    """

    model_config = ConfigDict(frozen=True)

    path: str
    score: float


class InspectionFitResult(ShortRepr, JsonObject, BaseModel):
    """What ``fit`` found in images of good parts.

    Attributes
    ----------
    model
        Where the bundle was saved, if it was.
    previous_model
        Where the model is now that was there before; ``None`` where none was.
    cuts
        The depths of the network whose maps are compared.
    head
        How good parts are described: ``place-gaussian`` or ``patch-memory``.
    pasted_auroc
        Chance that a held-out good part with a piece pasted on it scores above one without, by
        each description; empty where there are too few parts to compare.
    reason
        Why it is this description.
    n_items, n_groups
        Images, and parts that they show.
    false_alarms
        The promised rate.
    least_false_alarms
        The least rate that so many parts can promise.
    threshold
        Parts of a larger score are called anomalous.
    oddest
        Good parts with the largest held-out scores: look whether they are good.
    """

    task: Literal["one-class"] = "one-class"
    modality: ModalityName = "image"
    model: str | None = None
    previous_model: str | None = None
    backbone: str
    cuts: list[str]
    head: NormalityName
    pasted_auroc: dict[NormalityName, float]
    reason: str
    engine: str
    precision: str
    n_items: int
    n_groups: int
    rejected: list[RejectedRecord]
    features: FeatureCounts
    false_alarms: float
    least_false_alarms: float
    threshold: float
    scores: InspectionScores
    oddest: list[OddPart]
    seconds: Seconds
    skipped: dict[str, int] = {}
    notes: list[str] = []

    @property
    def promise(self) -> str:
        """What is promised, for people."""
        rate = self.scores.false_alarm_rate
        assert rate is not None, "a fit promises"
        assert rate.high is not None, "rates are bounded"
        return (
            f"On average at most {100 * self.false_alarms:g} % of new good parts like these are "
            f"called anomalous: {100 * rate.value:.2g} % expected, 95 % confidence interval "
            f"{100 * rate.low:.2g} to {100 * rate.high:.2g} %. "
            f"{counted(self.n_groups, 'part')} can promise "
            f"{100 * self.least_false_alarms:.2g} % at least."
        )

    def _facts(self) -> dict[str, object]:
        return {
            "items": self.n_items,
            "parts": self.n_groups,
            "false alarms": score(self.scores.false_alarm_rate),
            "threshold": f"{self.threshold:.3f}",
            "backbone": self.backbone,
            "head": self.head,
            "rejected": len(self.rejected),
            "seconds": f"{self.seconds.total:.1f}",
        }
