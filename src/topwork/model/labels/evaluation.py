"""How good a model of several labels is on other data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from topwork.data import Dataset, LabelTargets
from topwork.errors import DataError
from topwork.metrics import Score
from topwork.metrics.intervals import Units, mean_interval
from topwork.model.evaluation.judged_data import JudgedData
from topwork.model.evaluation.shifted import DataShift
from topwork.model.head_card import LabelsCard
from topwork.model.labels.predictions import LabelsPredictions
from topwork.model.short_repr import score
from topwork.tasks.labels.miss import missed_shares
from topwork.tasks.labels.scores import LabelScore, LabelsScores, label_scores, labels_scores
from topwork.tasks.labels.task import LABELS

MAX_ERRORS = 50


class WrongLabels(BaseModel):
    """An item whose predicted labels are not its true ones.

    Attributes
    ----------
    path
        What the item is called.
    missed
        Labels that it has, and that were not predicted.
    extra
        Labels that were predicted, and that it doesn't have.
    """

    model_config = ConfigDict(frozen=True)

    path: str
    missed: list[str]
    extra: list[str]


class LabelsEvaluation(JudgedData, BaseModel):
    """What ``evaluate`` found of a model of several labels.

    Attributes
    ----------
    missed
        Mean share of an item's labels that were not predicted; ``null`` where no item has any.
    promised
        Share that the model promises to miss at most; ``null`` where it promises none.
    per_label
        The scores of each label.
    unknown_labels
        Labels of the data that the model does not know; nothing is judged by them.
    shift
        Whether the items look different from those of training; ``null`` where there are too few to
        tell, or the model stores none.
    wrong
        Items whose labels are predicted worst, at most ``MAX_ERRORS``.
    """

    task: Literal["labels"] = "labels"
    scores: LabelsScores
    missed: Score | None
    promised: float | None = None
    per_label: list[LabelScore]
    unknown_labels: list[str] = []
    shift: DataShift | None = None
    wrong: list[WrongLabels] = []

    def _facts(self) -> dict[str, object]:
        return {
            "items": self.n_items,
            "mean_ap": score(self.scores.mean_ap),
            "macro_f1": score(self.scores.macro_f1),
            "rejected": len(self.rejected),
        }


def judged_labels(
    data: Dataset, found: LabelsPredictions, card: LabelsCard, **facts: Any
) -> LabelsEvaluation:
    """The scores of predicted labels; see `HeadModel`.

    Raises
    ------
    DataError
        The data have other targets, or none of the model's labels.
    """
    true, unknown = matched(data.several, card)
    y, p, groups = true.presence, found.probabilities, data.groups
    facts["notes"] = [*facts["notes"], *filter(None, [unknown_sentence(unknown)])]
    return LabelsEvaluation(
        **facts,
        scores=labels_scores(y, p, found.given, groups=groups),
        missed=_missed(found.given, y, groups),
        promised=card.miss.target if card.miss and card.miss.shift is not None else None,
        per_label=list(label_scores(y, p, found.given, card.labels, groups=groups)),
        unknown_labels=unknown,
        wrong=_wrong(true, found),
    )


def matched(targets: LabelTargets, card: LabelsCard) -> tuple[LabelTargets, list[str]]:
    """The targets by the model's labels, and those labels that it doesn't know.

    Raises
    ------
    DataError
        It knows none of them.
    """
    known = set(card.labels)
    unknown = [label for label in targets.labels if label not in known]
    if len(unknown) == len(targets.labels):
        raise DataError(
            f"None of the labels of these items, such as {unknown[0]!r}, is one of the model's: "
            f"{', '.join(card.labels[:5])}{', ...' if len(card.labels) > 5 else ''}.",
            remedy="Write the labels as they were written for the fit.",
            code="other_labels",
        )
    return targets.matched(card.labels), unknown


def unknown_sentence(unknown: Sequence[str]) -> str:
    """Which labels of the items the model doesn't know; empty where it knows all."""
    if not unknown:
        return ""
    shown = ", ".join(unknown[:5]) + (", ..." if len(unknown) > 5 else "")
    return (
        f"The model doesn't know {len(unknown)} of the labels of these items ({shown}); nothing is "
        "judged by them."
    )


def _missed(
    given: NDArray[np.bool_], y: NDArray[np.int8], groups: NDArray[np.generic] | None
) -> Score | None:
    has = (y == 1).any(axis=1)
    if not has.any():
        return None
    shares = missed_shares(given[has], y[has])
    units = Units.of(len(shares), None if groups is None else groups[has])
    low, high = mean_interval(shares, units)
    return Score(value=float(shares.mean()), low=low, high=min(high, 1.0))


def _wrong(true: LabelTargets, found: LabelsPredictions) -> list[WrongLabels]:
    known = true.presence >= 0
    has = true.presence == 1
    missed, extra = has & ~found.given, found.given & known & ~has
    losses = LABELS.losses(true, found.probabilities)[0]
    rows = np.flatnonzero((missed | extra).any(axis=1))
    return [
        WrongLabels(
            path=found.names[i],
            missed=[true.labels[j] for j in np.flatnonzero(missed[i])],
            extra=[true.labels[j] for j in np.flatnonzero(extra[i])],
        )
        for i in rows[np.argsort(-losses[rows], kind="stable")][:MAX_ERRORS]
    ]
