"""What a fit of numbers found, as plain data."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict

from topwork.data import NumberTargets
from topwork.model.short_repr import score
from topwork.reporting.head_evidence import HeadEvidence
from topwork.reporting.head_result import HeadFitResult, TriedHead, common_record
from topwork.reporting.result import Seconds
from topwork.tasks.number.intervals import IntervalRule
from topwork.tasks.number.nested import NestedNumbers
from topwork.tasks.number.scores import NumberScores
from topwork.tasks.number.task import NUMBER
from topwork.tasks.number.transform import TransformName
from topwork.trials.head_candidates import NetworkHead
from topwork.trials.number import FinishedNumbers, HeldOutNumbers

NumberEvidence = HeadEvidence[HeldOutNumbers, NestedNumbers, FinishedNumbers]


class NumberRange(BaseModel):
    """The numbers that were learnt from.

    Attributes
    ----------
    least, median, most
        In the units of the target.
    n_distinct
        How many different ones there are.
    """

    model_config = ConfigDict(frozen=True)

    least: float
    median: float
    most: float
    n_distinct: int


class NumberTried(TriedHead[NumberScores]):
    """One candidate: what was tried, how good it is, what it took in seconds."""


class NumberFitResult(HeadFitResult[NumberScores, NumberTried]):
    """What ``fit`` found where the labels are numbers.

    Attributes
    ----------
    target
        The numbers that were learnt from.
    transform
        The scale on which the selected model predicts: ``none``, ``log`` or ``rank``.
    intervals
        How the intervals of single predictions are made.
    mean_width
        Mean width of these intervals over the training items, in the units of the target;
        ``None`` where none can be promised.
    """

    task: Literal["number"] = "number"
    target: NumberRange
    transform: TransformName
    intervals: IntervalRule
    mean_width: float | None

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


def record_numbers(evidence: NumberEvidence, seconds: Seconds) -> NumberFitResult:
    """What ``fit`` found, for JSON and for people."""
    numbers, made = evidence.transfer.frozen.data.numbers, evidence.made

    def scored(held_out: HeldOutNumbers) -> NumberScores:
        return NUMBER.scores(NumberTargets(numbers), held_out.predicted, groups=evidence.groups)

    outputs = NetworkHead(made.frozen, made.head, made.beside).outputs
    ends = made.intervals.around(made.transform, outputs[:, 0], outputs[:, 1])
    return NumberFitResult(
        **common_record(
            evidence, seconds, scores=scored(evidence.selection.held_out), scored=scored
        ),
        target=NumberRange(
            least=float(numbers.min()),
            median=float(np.median(numbers)),
            most=float(numbers.max()),
            n_distinct=len(np.unique(numbers)),
        ),
        transform=made.transform.name,
        intervals=made.intervals,
        mean_width=None if ends is None else float(np.mean(ends[1] - ends[0])),
    )
