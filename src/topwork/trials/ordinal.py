"""What is tried to predict ordered classes, and what the selected candidate becomes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from topwork.data import OrdinalTargets
from topwork.features.columns.beside import BesideHead
from topwork.features.opened_backbone import FrozenPart
from topwork.heads import LinearHead
from topwork.runtime.progress import Progress
from topwork.settings import FitSettings
from topwork.tasks.feature_rows import Rows
from topwork.tasks.ordinal.decision import OrdinalSets, Rule, decide, fit_ordinal_sets
from topwork.tasks.ordinal.nested import (
    Link,
    NestedOrdinal,
    nested_classes,
    nested_cumulative,
    nested_ranks,
    probabilities_of,
)
from topwork.tasks.ordinal.task import ORDINAL
from topwork.trials.columns.further_columns import FurtherColumns
from topwork.trials.columns.trees import held_out_by_trees
from topwork.trials.head_candidates import (
    FitsNested,
    HeadCandidate,
    HeadTrials,
    LossWords,
)
from topwork.trials.head_selection import HeadSelection


class HeldOutOrdinal(NamedTuple):
    """Out-of-fold probabilities, ``(n, k)``, and predicted ranks, ``(n,)``."""

    probabilities: NDArray[np.float64]
    predicted: NDArray[np.int64]


OrdinalCandidate: TypeAlias = HeadCandidate[HeldOutOrdinal, NestedOrdinal]


@dataclass(frozen=True, eq=False)
class FinishedOrdinal:
    """What the selected candidate becomes.

    Parameters
    ----------
    frozen
        The network and its features of the n items.
    head, link
        Its outputs, and what they are.
    beside
        What columns beside the items add to them.
    rule
        Which class is predicted.
    sets
        Which classes are credible.
    mean_set_size
        Classes per set, over the items that the sets were found on.
    """

    frozen: FrozenPart
    head: LinearHead
    beside: BesideHead | None
    link: Link
    rule: Rule
    sets: OrdinalSets
    mean_set_size: float


def finish_ordinal(
    candidate: OrdinalCandidate,
    selection: HeadSelection[HeldOutOrdinal],  # noqa: ARG001  sets are of one candidate
    settings: FitSettings,
    groups: NDArray[np.integer],
) -> FinishedOrdinal:
    """The model on all items, with its sets."""
    nested, codes = candidate.nested, ordinal_targets(candidate.frozen).codes
    link: Link = "cumulative" if nested is None else nested.link
    rule: Rule = "mean" if nested is None else nested.rule
    head = _constant(candidate) if nested is None else nested.head
    held_out = candidate.held_out if nested is not None else _answered(head, link, rule, len(codes))
    sets = fit_ordinal_sets(*held_out, codes, error_rate=settings.error_rate, groups=groups)
    size = float(sets.of(*held_out).sum(axis=1).mean())
    return FinishedOrdinal(*candidate.with_network(head, settings), link, rule, sets, size)


def ordinal_targets(frozen: FrozenPart) -> OrdinalTargets:
    """The true classes."""
    targets = frozen.data.targets
    assert isinstance(targets, OrdinalTargets), "the data were read as ordered classes"
    return targets


def _constant(candidate: OrdinalCandidate) -> LinearHead:
    shares = ORDINAL.constant(ordinal_targets(candidate.frozen))
    below = np.cumsum(shares)[:-1]
    weight = np.zeros((candidate.frozen.features.shape[1], len(below)), np.float32)
    return LinearHead(weight, np.log(below / (1 - below)).astype(np.float32), normalise=False)


def _answered(constant: LinearHead, link: Link, rule: Rule, n: int) -> HeldOutOrdinal:
    """What a constant answers for each item: frequencies in folds differ, and break its ties."""
    p = probabilities_of(constant.logits(np.zeros((1, len(constant.weight)), np.float32)), link)
    return HeldOutOrdinal(np.tile(p, (n, 1)), np.tile(decide(p, rule), n))


def _frequencies(others: OrdinalTargets, m: int) -> HeldOutOrdinal:
    p = np.tile(ORDINAL.constant(others), (m, 1))
    return HeldOutOrdinal(p, decide(p, "mean"))


def _head(
    fit: Callable[..., NestedOrdinal],
) -> FitsNested[HeldOutOrdinal, NestedOrdinal]:
    def judged(
        rows: Rows,
        targets: OrdinalTargets,
        folds: NDArray[np.integer],
        *,
        groups: NDArray[np.integer] | None,
        progress: Progress,
    ) -> tuple[HeldOutOrdinal, NestedOrdinal]:
        k = len(targets.labels)
        nested = fit(rows, targets.codes, k, folds, groups=groups, progress=progress)
        return HeldOutOrdinal(nested.probabilities, nested.predicted), nested

    return judged


def _losses(targets: OrdinalTargets, held_out: HeldOutOrdinal) -> NDArray[np.float64]:
    return np.asarray(ORDINAL.losses(targets, held_out.predicted)[0])


def _by_trees(
    columns: FurtherColumns, targets: OrdinalTargets, folds: NDArray[np.integer]
) -> HeldOutOrdinal:
    p = held_out_by_trees(columns, targets.codes, folds, of="class")
    return HeldOutOrdinal(p, decide(p, "mean"))


ORDINAL_TRIALS = HeadTrials(
    constant="class frequencies",
    predicted=_frequencies,
    heads={
        "cumulative logit": _head(nested_cumulative),
        "ridge on ranks": _head(nested_ranks),
        "logistic": _head(nested_classes),
    },
    losses=_losses,
    words=LossWords("mean squared rank error", "{:.3f}", "{:.3f}"),
    trees=_by_trees,
)
