"""What a fit of several labels found, as plain data."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from topwork.model.short_repr import score, some
from topwork.quality import DoubtfulLabel
from topwork.reporting.head_evidence import HeadEvidence
from topwork.reporting.head_result import HeadFitResult, TriedHead, common_record
from topwork.reporting.result import Seconds
from topwork.tasks.labels.miss import LabelMiss
from topwork.tasks.labels.nested import NestedLabels
from topwork.tasks.labels.scores import LabelScore, LabelsScores, label_scores
from topwork.tasks.labels.task import LABELS
from topwork.trials.labels import FinishedLabels, HeldOutLabels

LabelsEvidence = HeadEvidence[HeldOutLabels, NestedLabels, FinishedLabels]


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


class LabelsTried(TriedHead[LabelsScores]):
    """One candidate: what was tried, how good it is, what it took in seconds."""


class LabelsFitResult(HeadFitResult[LabelsScores, LabelsTried]):
    """What ``fit`` found where items have several labels.

    Attributes
    ----------
    labels
        The L labels that were learnt.
    labels_per_item
        On average.
    per_label
        The scores of each label.
    rules
        From when on each label is predicted.
    miss
        How many labels are missed at most; ``None`` where that was not asked for.
    doubtful_labels
        Labels that are probably missing at an item or wrong, the most doubtful first.
    """

    task: Literal["labels"] = "labels"
    labels: list[str]
    labels_per_item: float
    per_label: list[LabelScore]
    rules: list[LabelRule]
    doubtful_labels: list[DoubtfulLabel]
    miss: LabelMiss | None = None

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


def record_labels(evidence: LabelsEvidence, seconds: Seconds) -> LabelsFitResult:
    """What ``fit`` found, for JSON and for people."""
    targets, made, groups = evidence.transfer.frozen.data.several, evidence.made, evidence.groups
    answers, labels = made.answers, list(targets.labels)
    rules = zip(labels, made.thresholds, made.temperatures, strict=True)
    return LabelsFitResult(
        **common_record(
            evidence,
            seconds,
            scores=LABELS.scores(targets, answers, groups=groups),
            scored=lambda held_out: LABELS.scores(targets, held_out.answers, groups=groups),
        ),
        labels=labels,
        labels_per_item=float((targets.presence == 1).sum(axis=1).mean()),
        per_label=list(
            label_scores(
                targets.presence,
                answers.probabilities,
                answers.given,
                labels,
                groups=groups,
                cross_validated=True,
            )
        ),
        rules=[
            LabelRule(label=label, threshold=float(least), temperature=float(divisor))
            for label, least, divisor in rules
        ],
        miss=made.miss,
        doubtful_labels=list(evidence.findings.doubtful_labels or ()),
    )
