"""What a fit of ordered classes found, as plain data."""

from __future__ import annotations

from typing import Literal

from topwork.model.short_repr import score, some
from topwork.reporting.head_evidence import HeadEvidence
from topwork.reporting.head_result import HeadFitResult, TriedHead, common_record
from topwork.reporting.result import Seconds
from topwork.tasks.ordinal.decision import OrdinalSets, Rule
from topwork.tasks.ordinal.nested import NestedOrdinal
from topwork.tasks.ordinal.scores import OrdinalScores, rank_counts
from topwork.tasks.ordinal.task import ORDINAL
from topwork.trials.ordinal import FinishedOrdinal, HeldOutOrdinal, ordinal_targets

OrdinalEvidence = HeadEvidence[HeldOutOrdinal, NestedOrdinal, FinishedOrdinal]


class OrdinalTried(TriedHead[OrdinalScores]):
    """One candidate: what was tried, how good it is, what it took in seconds."""


class OrdinalFitResult(HeadFitResult[OrdinalScores, OrdinalTried]):
    """What ``fit`` found where the classes have an order.

    Attributes
    ----------
    labels
        The k classes, from low to high.
    counts
        Items of each.
    rule
        Which class is predicted: the nearest to the expected rank (``mean``), the ``median``, or
        the most probable (``mode``).
    sets
        Which neighbouring classes are credible.
    mean_set_size
        Classes per set, over held-out items.
    confusions
        Held-out items by true class (rows) and predicted class (columns).
    """

    task: Literal["ordinal"] = "ordinal"
    labels: list[str]
    counts: list[int]
    rule: Rule
    sets: OrdinalSets
    mean_set_size: float
    confusions: list[list[int]]

    @property
    def promise(self) -> str:
        """What the sets hold, for people."""
        share = f"{100 * (1 - self.sets.error_rate):g} %"
        if not self.sets.enough:
            return (
                f"Sets of classes cannot be promised: {share} takes {self.sets.needed} independent "
                "items, and there are fewer."
            )
        return (
            f"The set of neighbouring classes holds the true one for {share} of items like these; "
            f"it has {self.mean_set_size:.2f} of {len(self.labels)} classes on average."
        )

    def _facts(self) -> dict[str, object]:
        return {
            "items": self.n_items,
            "labels": some(self.labels),
            "kappa": score(self.scores.kappa),
            "accuracy": score(self.scores.accuracy),
            "backbone": self.backbone,
            "head": self.head,
            "rejected": len(self.rejected),
            "seconds": f"{self.seconds.total:.1f}",
        }


def record_ordinal(evidence: OrdinalEvidence, seconds: Seconds) -> OrdinalFitResult:
    """What ``fit`` found, for JSON and for people."""
    targets, made = ordinal_targets(evidence.transfer.frozen), evidence.made

    def scored(held_out: HeldOutOrdinal) -> OrdinalScores:
        return ORDINAL.scores(targets, held_out.predicted, groups=evidence.groups)

    reported = evidence.selection.held_out
    return OrdinalFitResult(
        **common_record(evidence, seconds, scores=scored(reported), scored=scored),
        labels=[str(label) for label in targets.labels],
        counts=targets.counts().tolist(),
        rule=made.rule,
        sets=made.sets,
        mean_set_size=made.mean_set_size,
        confusions=rank_counts(targets.codes, reported.predicted, len(targets.labels)).tolist(),
    )
