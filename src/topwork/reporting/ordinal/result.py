"""What a fit of ordered classes found, as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from topwork.model.short_repr import score, some
from topwork.reporting.head_evidence import HeadEvidence
from topwork.reporting.head_result import HeadFitResult, TriedHead, common_record
from topwork.reporting.result import Seconds
from topwork.tasks.ordinal.decision import OrdinalSets, Rule
from topwork.tasks.ordinal.nested import NestedOrdinal
from topwork.tasks.ordinal.scores import OrdinalScores, rank_counts
from topwork.tasks.ordinal.suggested_order import SuggestedOrder, suggested_order
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
    suggested_order
        The classes in the order in which a model without order mixes them up, where the given one
        is clearly another; ``None`` where it is not.
    """

    task: Literal["ordinal"] = "ordinal"
    labels: list[str]
    counts: list[int]
    rule: Rule
    sets: OrdinalSets
    mean_set_size: float
    confusions: list[list[int]]
    suggested_order: list[str] | None = None

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
    common = common_record(evidence, seconds, scores=scored(reported), scored=scored)
    labels = [str(label) for label in targets.labels]
    other = _other_order(evidence)
    if other is not None:
        common["notes"] = [*common["notes"], _doubt(other, labels)]
    return OrdinalFitResult(
        **common,
        labels=labels,
        suggested_order=None if other is None else [labels[code] for code in other.order],
        counts=targets.counts().tolist(),
        rule=made.rule,
        sets=made.sets,
        mean_set_size=made.mean_set_size,
        confusions=rank_counts(targets.codes, reported.predicted, len(targets.labels)).tolist(),
    )


def _other_order(evidence: OrdinalEvidence) -> SuggestedOrder | None:
    """The order that a model without order speaks for, where it isn't the given one."""
    codes = ordinal_targets(evidence.transfer.frozen).codes
    for candidate in reversed(evidence.candidates):
        if candidate.head == "logistic" and candidate.words is None:
            return suggested_order(candidate.held_out.probabilities, codes, groups=evidence.groups)
    return None


def _doubt(other: SuggestedOrder, labels: Sequence[str]) -> str:
    order = ",".join(labels[code] for code in other.order)
    return (
        f"By which classes are mixed up they stand in another order: {order} ("
        f"{other.error:.2f} ranks between the true and the predicted class are expected, "
        f"{other.given_error:.2f} by the given order). If the given one is wrong, say the right "
        "one with --order (order=[...] in Python)."
    )
