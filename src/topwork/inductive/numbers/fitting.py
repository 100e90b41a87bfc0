"""From items with numbers to a judged regressor."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

import numpy as np

from topwork.data import Dataset
from topwork.errors import DataError
from topwork.inductive.head_assembly import AssembledHead
from topwork.inductive.head_fitting import MIN_ITEMS, FittedHead, HeadTask, fit_head
from topwork.model import NumberCard, NumberModel, NumberParts, TrainingNumbers
from topwork.reporting.numbers.report import number_report
from topwork.reporting.numbers.result import NumberFitResult, record_numbers
from topwork.runtime.progress import Steps, no_steps
from topwork.settings import FitSettings
from topwork.tasks.number.nested import NestedNumbers
from topwork.tasks.number.task import NUMBER
from topwork.trials.number import NUMBER_TRIALS, FinishedNumbers, HeldOutNumbers, finish_numbers

FittedNumbers: TypeAlias = FittedHead[
    HeldOutNumbers, NestedNumbers, FinishedNumbers, NumberFitResult, NumberModel
]
"""A regressor, what is known of it, and what that is known from."""


def fit_numbers(
    data: Dataset,
    settings: FitSettings | None = None,
    *,
    steps: Steps = no_steps,
    save_to: Path | None = None,
    read_seconds: float = 0.0,
) -> FittedNumbers:
    """Fit a regressor on items with `topwork.data.NumberTargets`; see `fit_head`."""
    return fit_head(
        NUMBERS, data, settings, steps=steps, save_to=save_to, read_seconds=read_seconds
    )


def _checked(data: Dataset) -> Dataset:
    numbers = data.numbers
    if len(numbers) < MIN_ITEMS:
        raise DataError(
            f"There are {len(numbers)} {data.kind.name}s with a number.",
            remedy=f"Give at least {MIN_ITEMS}; intervals at 90 % take 9, comparisons 30.",
            code="too_few",
        )
    if np.ptp(numbers) == 0:
        raise DataError(
            f"All {len(numbers)} {data.kind.name}s have the same number, {numbers[0]:g}.",
            remedy="Add items with other numbers, or name another column with --label NAME "
            "(columns={'label': NAME} in Python).",
            code="one_number",
        )
    return data


def _assembled(found: AssembledHead[FinishedNumbers], result: NumberFitResult) -> NumberModel:  # noqa: ARG001
    made = found.made
    numbers = found.targets.numbers.astype(np.float64)
    parts = NumberParts(
        card=NumberCard(**found.card, transform=made.transform, intervals=made.intervals),
        training=TrainingNumbers(**found.training, numbers=numbers),
        **found.parts,
    )
    return NumberModel(parts, engine=found.engine, keep=found.keep)


NUMBERS = HeadTask(
    targets="numbers",
    called="the labels are numbers",
    remedy="Leave it out, or read the labels as classes with --task classes (an "
    "ImageClassifier or TextClassifier in Python).",
    checked=_checked,
    folds=NUMBER.folds,
    trials=NUMBER_TRIALS,
    finished=finish_numbers,
    record=record_numbers,
    report=number_report,
    assembled=_assembled,
)
