"""From items with several labels to a judged tagger."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from topwork.data import Dataset, LabelTargets
from topwork.errors import DataError
from topwork.inductive.head_assembly import AssembledHead
from topwork.inductive.head_fitting import MIN_ITEMS, FittedHead, HeadTask, fit_head
from topwork.model import LabelsCard, LabelsModel, LabelsParts, TrainingLabels
from topwork.quality import OutOfFold
from topwork.quality.doubtful_marks import learnt_marks
from topwork.reporting.labels.report import labels_report
from topwork.reporting.labels.result import LabelsFitResult, record_labels
from topwork.runtime.counted import counted
from topwork.runtime.progress import Steps, no_steps
from topwork.settings import FitSettings
from topwork.tasks.labels.nested import NestedLabels
from topwork.tasks.labels.task import LABELS
from topwork.trials.labels import LABEL_TRIALS, FinishedLabels, HeldOutLabels, finish_labels

FittedLabels: TypeAlias = FittedHead[
    HeldOutLabels, NestedLabels, FinishedLabels, LabelsFitResult, LabelsModel
]
"""A tagger, what is known of it, and what that is known from."""


def fit_labels(
    data: Dataset,
    settings: FitSettings | None = None,
    *,
    steps: Steps = no_steps,
    save_to: Path | None = None,
    read_seconds: float = 0.0,
) -> FittedLabels:
    """Fit a tagger on items with `topwork.data.LabelTargets`; see `fit_head`."""
    return fit_head(
        SEVERAL, data, settings, steps=steps, save_to=save_to, read_seconds=read_seconds
    )


def with_useful_labels(data: Dataset) -> Dataset:
    """The same data without labels that all items have, or none; a hint says which.

    Raises
    ------
    DataError
        No label is left, or there are hardly any items.
    """
    targets = data.several
    if len(targets) < MIN_ITEMS:
        raise DataError(
            f"There are {len(targets)} {data.kind.name}s with labels.",
            remedy=f"Give at least {MIN_ITEMS}; comparisons take 30.",
            code="too_few",
        )
    known, has = (targets.presence >= 0).sum(axis=0), targets.counts()
    useful = (has > 0) & (has < known)
    if not useful.any():
        raise DataError(
            f"All {len(targets)} items have the same labels.",
            remedy="Add items that have other labels.",
            code="one_class",
        )
    if useful.all():
        return data
    lost = [label for label, one in zip(targets.labels, useful, strict=True) if not one]
    shown = ", ".join(lost[:5]) + (", ..." if len(lost) > 5 else "")
    hint = f"Left out: {counted(len(lost), 'label')} that all items or none of them have ({shown})."
    return replace(data, targets=targets.keep_labels(useful), hints=(*data.hints, hint))


def _assembled(found: AssembledHead[FinishedLabels], result: LabelsFitResult) -> LabelsModel:
    made = found.made
    card = LabelsCard(
        **found.card,
        labels=result.labels,
        thresholds=[float(threshold) for threshold in made.thresholds],
        miss=made.miss,
    )
    presence = np.ascontiguousarray(found.targets.presence, np.int8)
    training = TrainingLabels(**found.training, presence=presence)
    parts = LabelsParts(card=card, training=training, **found.parts)
    return LabelsModel(parts, engine=found.engine, keep=found.keep)


def _doubted(
    targets: LabelTargets, held_out: HeldOutLabels, folds: NDArray[np.integer]
) -> OutOfFold:
    return OutOfFold(held_out.probabilities, learnt_marks(targets.presence, folds))


SEVERAL = HeadTask(
    targets="labels",
    called="the items have several labels",
    remedy="Leave it out, or read each cell as one class with --task classes (an "
    "ImageClassifier or TextClassifier in Python).",
    may_miss=True,
    checked=with_useful_labels,
    folds=LABELS.folds,
    trials=LABEL_TRIALS,
    finished=finish_labels,
    record=record_labels,
    report=labels_report,
    assembled=_assembled,
    doubted=_doubted,
)
