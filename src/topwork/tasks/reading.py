"""How a column of labels is read: as classes or as numbers, and what is said about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from topwork.data import (
    BoxTargets,
    ClassTargets,
    Dataset,
    Label,
    LabelTargets,
    OrdinalTargets,
    check_label_type,
    read,
    read_numbers,
)
from topwork.errors import ParameterError
from topwork.settings.choices import LABELLED_TASKS, AskedTask
from topwork.tasks.number.task import NUMBER
from topwork.tasks.ordinal.task import ordered
from topwork.tasks.registry import TASKS

_FEW = 0.5
"""Share of the different labels that are no numbers, below which numbers may have been meant."""

_MIN_TOLD = 10
"""Fewer distinct numbers beside words are classes: 1 star, 2 stars, unknown."""

_MIN_SAID = 3
"""Fewer distinct numbers are plainly classes: 0 and 1."""


def read_as(task: AskedTask, *source: Any, **options: Any) -> Dataset:
    """`topwork.data.read`, the labels read as a task needs them; see `interpreted`."""
    return interpreted(read(*source, task=task, **options), task)


def interpreted(
    data: Dataset, task: AskedTask = "auto", *, order: Sequence[Label] | None = None
) -> Dataset:
    """The same data with the targets of a task; what was decided is a sentence in its hints.

    Parameters
    ----------
    task
        ``auto``: boxes where the images are annotated with some, several labels where they were
        read as such, numbers where the labels are many different numbers, otherwise classes.
    order
        Of the classes, lowest first; they are ordered then.

    Raises
    ------
    ParameterError
        The task is unknown, or has no order.
    DataError
        Numbers are asked for, and labels are none; boxes are asked for, and there are none, or
        something else is asked for of data that are annotated with boxes.

    Examples
    --------
    >>> data = read(["a.jpg", "b.jpg", "c.jpg"], [0.5, 1.5, 7.25])
    >>> interpreted(data, "number").numbers.tolist(), interpreted(data).n_classes
    ([0.5, 1.5, 7.25], 3)
    """
    if task not in ("auto", *LABELLED_TASKS):
        raise ParameterError(
            f"task cannot be {task!r}.", remedy=f"Choose one of: auto, {', '.join(LABELLED_TASKS)}."
        )
    if order is not None:
        if task not in ("auto", "ordinal"):
            raise ParameterError(
                f"An order means nothing where the task is {task}.",
                remedy="Leave --order (order) out, or give --task ordinal (task='ordinal').",
            )
        return ordered(data, order)
    targets = data.targets
    if task != "auto" and isinstance(targets, ClassTargets | LabelTargets | BoxTargets):
        return TASKS[task].parse(data)
    if not isinstance(targets, ClassTargets) or isinstance(targets, OrdinalTargets):
        return data
    issue = check_label_type(targets.labels, targets.counts())
    if issue is not None and issue.code == "numbers":
        found = NUMBER.parse(data)
        return replace(found, hints=(*found.hints, _as_numbers(found)))
    sentence = _as_classes(targets)
    return replace(data, hints=(*data.hints, sentence)) if sentence else data


def _as_numbers(data: Dataset) -> str:
    numbers = data.numbers
    return (
        f"The labels are {len(np.unique(numbers))} different numbers from {numbers.min():g} to "
        f"{numbers.max():g} and were read as numbers to predict; --task classes reads them as "
        "classes."
    )


def _as_classes(targets: ClassTargets) -> str:
    """What is said of numbers that are read as classes; empty where the labels are none."""
    found = read_numbers(targets.labels)
    values = [number for number in found.numbers if number is not None]
    n_numbers = len(targets.labels) - len(found.bad)
    if found.bad and n_numbers >= _MIN_TOLD and len(found.bad) < _FEW * len(targets.labels):
        other = targets.labels[found.bad[0]]
        return (
            f"{n_numbers} of {len(targets.labels)} distinct labels are numbers, but not {other!r}; "
            "they were read as classes. To predict numbers leave the other cells empty."
        )
    if found.bad or found.why or len(values) < max(_MIN_SAID, len(targets.labels)):
        return ""
    return (
        f"The labels are {len(values)} different numbers from {min(values):g} to "
        f"{max(values):g} and were read as classes; --task number predicts them as numbers."
    )
