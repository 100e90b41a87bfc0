"""From items of ordered classes to a judged model."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

import numpy as np

from topwork.data import Dataset, OrdinalTargets
from topwork.errors import DataError
from topwork.inductive.head_assembly import AssembledHead
from topwork.inductive.head_fitting import MIN_ITEMS, FittedHead, HeadTask, fit_head
from topwork.model import OrdinalCard, OrdinalModel, OrdinalParts, RehearsedItems
from topwork.reporting.ordinal.report import ordinal_report
from topwork.reporting.ordinal.result import OrdinalFitResult, record_ordinal
from topwork.runtime.progress import Steps, no_steps
from topwork.settings import FitSettings
from topwork.tasks.ordinal.nested import NestedOrdinal
from topwork.tasks.ordinal.task import ORDINAL
from topwork.trials.ordinal import (
    ORDINAL_TRIALS,
    FinishedOrdinal,
    HeldOutOrdinal,
    finish_ordinal,
)

FittedOrdinal: TypeAlias = FittedHead[
    HeldOutOrdinal, NestedOrdinal, FinishedOrdinal, OrdinalFitResult, OrdinalModel
]
"""A model of ordered classes, what is known of it, and what that is known from."""


def fit_ordinal(
    data: Dataset,
    settings: FitSettings | None = None,
    *,
    steps: Steps = no_steps,
    save_to: Path | None = None,
    read_seconds: float = 0.0,
) -> FittedOrdinal:
    """Fit a model on items with `topwork.data.OrdinalTargets`; see `fit_head`."""
    return fit_head(
        ORDERED, data, settings, steps=steps, save_to=save_to, read_seconds=read_seconds
    )


def _checked(data: Dataset) -> Dataset:
    targets = data.targets
    if not isinstance(targets, OrdinalTargets):
        raise DataError(
            "The items have no ordered classes as labels.",
            remedy="Read them with --task ordinal --order LOWEST,...,HIGHEST (in Python "
            "task='ordinal', order=[...]).",
            code="other_task",
        )
    if len(targets) < MIN_ITEMS:
        raise DataError(
            f"There are {len(targets)} {data.kind.name}s with a label.",
            remedy=f"Give at least {MIN_ITEMS}; comparisons take 30.",
            code="too_few",
        )
    present = np.unique(targets.codes)
    if len(present) < 2:
        raise DataError(
            f"All {len(targets)} {data.kind.name}s have the same label, "
            f"{targets.labels[present[0]]}.",
            remedy="Add items of another class.",
            code="one_class",
        )
    return data


def _assembled(
    found: AssembledHead[FinishedOrdinal],
    result: OrdinalFitResult,  # noqa: ARG001
) -> OrdinalModel:
    made = found.made
    card = OrdinalCard(
        **found.card,
        labels=list(found.targets.labels),
        link=made.link,
        rule=made.rule,
        sets=made.sets,
    )
    parts = OrdinalParts(card=card, training=RehearsedItems(**found.training), **found.parts)
    return OrdinalModel(parts, engine=found.engine, keep=found.keep)


ORDERED = HeadTask(
    targets="ordered classes",
    called="the classes have an order",
    remedy="Leave it out, or read the labels as classes without order with --task classes "
    "(an ImageClassifier or TextClassifier in Python).",
    checked=_checked,
    folds=ORDINAL.folds,
    trials=ORDINAL_TRIALS,
    finished=finish_ordinal,
    record=record_ordinal,
    report=ordinal_report,
    assembled=_assembled,
)
