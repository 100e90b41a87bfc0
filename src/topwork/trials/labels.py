"""What is tried to predict several labels per item, and what the selected candidate becomes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from topwork.data import LabelTargets
from topwork.features.columns.beside import BesideHead
from topwork.features.opened_backbone import FrozenPart
from topwork.heads import LinearHead
from topwork.runtime.progress import Progress
from topwork.settings import FitSettings
from topwork.tasks.feature_rows import Rows
from topwork.tasks.labels.miss import LabelMiss, fit_miss, margins_of
from topwork.tasks.labels.nested import LabelRules, NestedLabels, nested_labels
from topwork.tasks.labels.task import LABELS, LabelAnswers
from topwork.tasks.labels.thresholds import USUAL, log_odds, probability
from topwork.trials.head_candidates import (
    HeadCandidate,
    HeadTrials,
    LossWords,
)
from topwork.trials.head_selection import HeadSelection


class HeldOutLabels(NamedTuple):
    """Out-of-fold, ``(n, L)`` each."""

    probabilities: NDArray[np.float64]
    thresholds: NDArray[np.float64]

    @property
    def answers(self) -> LabelAnswers:
        """What is predicted at these thresholds."""
        return LabelAnswers(self.probabilities, self.probabilities >= self.thresholds)


LabelCandidate: TypeAlias = HeadCandidate[HeldOutLabels, NestedLabels]


@dataclass(frozen=True, eq=False)
class FinishedLabels:
    """What the selected candidate becomes.

    Parameters
    ----------
    frozen
        The network and its features of the n items.
    head
        An output per label: its log odds, divided by the temperatures already.
    beside
        What columns beside the items add to them.
    temperatures, thresholds
        Of the L labels, the thresholds moved as ``miss`` says.
    miss
        How many labels are missed at most; None where that was not asked for.
    answers
        Out-of-fold, at the thresholds of the other folds, moved as ``miss`` says.
    """

    frozen: FrozenPart
    head: LinearHead
    beside: BesideHead | None
    temperatures: NDArray[np.float64]
    thresholds: NDArray[np.float64]
    miss: LabelMiss | None
    answers: LabelAnswers


def finish_labels(
    candidate: LabelCandidate,
    selection: HeadSelection[HeldOutLabels],
    settings: FitSettings,
    groups: NDArray[np.integer],
) -> FinishedLabels:
    """The model on all items, with its thresholds."""
    targets, held_out = candidate.frozen.data.several, selection.held_out
    head, rules = _whole(candidate)
    margins = margins_of(held_out.probabilities, held_out.thresholds)
    miss = None
    if settings.miss is not None:
        miss = fit_miss(margins, targets.presence, settings.miss, groups=groups)
    shift = 0.0 if miss is None or miss.shift is None else miss.shift
    return FinishedLabels(
        *candidate.with_network(head, settings),
        temperatures=rules.temperatures,
        thresholds=probability(log_odds(rules.thresholds) + shift),
        miss=miss,
        answers=LabelAnswers(held_out.probabilities, margins >= shift),
    )


def _whole(candidate: LabelCandidate) -> tuple[LinearHead, LabelRules]:
    if candidate.nested is not None:
        return candidate.nested.head, candidate.nested.rules
    shares = LABELS.constant(candidate.frozen.data.several)
    weight = np.zeros((candidate.frozen.features.shape[1], len(shares)), np.float32)
    head = LinearHead(weight, log_odds(shares).astype(np.float32), normalise=False)
    ones = np.ones(len(shares))
    return head, LabelRules(ones, USUAL * ones)


def _frequencies(others: LabelTargets, m: int) -> HeldOutLabels:
    p = np.tile(LABELS.constant(others), (m, 1))
    return HeldOutLabels(p, np.full(p.shape, USUAL))


def _logistic(
    rows: Rows,
    targets: LabelTargets,
    folds: NDArray[np.integer],
    *,
    groups: NDArray[np.integer] | None,  # noqa: ARG001  the folds hold them together
    progress: Progress,
) -> tuple[HeldOutLabels, NestedLabels]:
    nested = nested_labels(rows, targets.presence, folds, progress=progress)
    return HeldOutLabels(nested.probabilities, nested.thresholds), nested


def _losses(targets: LabelTargets, held_out: HeldOutLabels) -> NDArray[np.float64]:
    return np.asarray(LABELS.losses(targets, held_out.probabilities)[0])


LABEL_TRIALS = HeadTrials(
    constant="label frequencies",
    predicted=_frequencies,
    heads={"logistic": _logistic},
    losses=_losses,
    words=LossWords("log loss", "{:.3f} per label", "{:.3f}"),
    unit=True,
)
