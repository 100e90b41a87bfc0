"""What is tried to predict a number, and what the selected candidate becomes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from topwork.data import NumberTargets
from topwork.features.columns.beside import BesideHead
from topwork.features.opened_backbone import FrozenPart
from topwork.heads import LinearHead
from topwork.runtime.progress import Progress
from topwork.settings import FitSettings
from topwork.tasks.feature_rows import Rows
from topwork.tasks.number.intervals import IntervalRule, fit_intervals
from topwork.tasks.number.nested import NestedNumbers, nested_numbers
from topwork.tasks.number.task import NUMBER
from topwork.tasks.number.transform import Transform, fit_transform
from topwork.trials.columns.further_columns import FurtherColumns
from topwork.trials.columns.trees import held_out_by_trees
from topwork.trials.head_candidates import (
    HeadCandidate,
    HeadTrials,
    LossWords,
)
from topwork.trials.head_selection import HeadSelection


class HeldOutNumbers(NamedTuple):
    """Out-of-fold predictions, ``(n,)``."""

    predicted: NDArray[np.float64]


NumberCandidate: TypeAlias = HeadCandidate[HeldOutNumbers, NestedNumbers]


@dataclass(frozen=True, eq=False)
class FinishedNumbers:
    """What the selected candidate becomes.

    Parameters
    ----------
    frozen
        The network and its features of the n items.
    head
        Two outputs: the prediction on the scale of ``transform``, and the predicted logarithm of
        the size of its residual.
    beside
        What columns beside the items add to them.
    """

    frozen: FrozenPart
    head: LinearHead
    beside: BesideHead | None
    transform: Transform
    intervals: IntervalRule


def finish_numbers(
    candidate: NumberCandidate,
    selection: HeadSelection[HeldOutNumbers],  # noqa: ARG001  intervals are of one candidate
    settings: FitSettings,
    groups: NDArray[np.integer],
) -> FinishedNumbers:
    """The model on all items, with its intervals."""
    nested, numbers = candidate.nested, candidate.frozen.data.numbers
    transform = fit_transform("none", numbers) if nested is None else nested.whole.transform
    rule, spread = fit_intervals(
        None if nested is None else nested.ridge,
        transform,
        numbers,
        candidate.held_out.predicted,
        error_rate=settings.error_rate,
        groups=groups,
    )
    column = None if nested is None else nested.whole.column
    constants = (float(transform.forward([np.median(numbers)])[0]), rule.usual)
    width = candidate.frozen.features.shape[1] if column is None else len(column.weight)
    weight, bias = np.zeros((width, 2), np.float32), np.array(constants, np.float32)
    for i, one in enumerate((column, spread)):
        if one is not None:
            weight[:, i], bias[i] = one.weight, one.bias
    head = LinearHead(weight, bias, normalise=False)
    return FinishedNumbers(*candidate.with_network(head, settings), transform, rule)


def _median(others: NumberTargets, m: int) -> HeldOutNumbers:
    return HeldOutNumbers(np.full(m, NUMBER.constant(others)))


def _ridge(
    rows: Rows,
    targets: NumberTargets,
    folds: NDArray[np.integer],
    *,
    groups: NDArray[np.integer] | None,
    progress: Progress,
) -> tuple[HeldOutNumbers, NestedNumbers]:
    nested = nested_numbers(rows, targets.numbers, folds, groups=groups, progress=progress)
    return HeldOutNumbers(nested.predicted), nested


def _losses(targets: NumberTargets, held_out: HeldOutNumbers) -> NDArray[np.float64]:
    return np.asarray(NUMBER.losses(targets, held_out.predicted)[0])


def _by_trees(
    columns: FurtherColumns, targets: NumberTargets, folds: NDArray[np.integer]
) -> HeldOutNumbers:
    return HeldOutNumbers(held_out_by_trees(columns, targets.numbers, folds, of="number"))


NUMBER_TRIALS = HeadTrials(
    constant="the median",
    predicted=_median,
    heads={"ridge": _ridge},
    losses=_losses,
    words=LossWords("mean absolute error", "{:.4g}", "{:.3g}"),
    trees=_by_trees,
)
