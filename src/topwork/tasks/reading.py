"""How a column of labels is read: as classes or as numbers, and what is said about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from topwork.data import (
    ClassTargets,
    Dataset,
    Label,
    NumberTargets,
    check_label_type,
    read,
    read_numbers,
)
from topwork.errors import DataError, ParameterError
from topwork.settings.choices import TASK_NAMES, AskedTask

_NO_NUMBER = "labels that say no number"
"""What rows without a number are counted as."""

_MIN_SAID = 3
"""Fewer distinct numbers are plainly classes: 0 and 1."""


def read_as(task: AskedTask, *source: Any, **options: Any) -> Dataset:
    """`topwork.data.read`, the labels read as a task needs them; see `interpreted`."""
    return interpreted(read(*source, **options), task)


def interpreted(data: Dataset, task: AskedTask = "auto") -> Dataset:
    """The same data with the targets of a task; what was decided is a sentence in its hints.

    Parameters
    ----------
    task
        ``auto``: numbers where the labels are many different numbers, otherwise classes.

    Raises
    ------
    ParameterError
        The task is unknown.
    DataError
        Numbers are asked for, and labels are none.

    Examples
    --------
    >>> data = read(["a.jpg", "b.jpg", "c.jpg"], [0.5, 1.5, 7.25])
    >>> interpreted(data, "number").numbers.tolist(), interpreted(data).n_classes
    ([0.5, 1.5, 7.25], 3)
    """
    if task not in ("auto", *TASK_NAMES):
        raise ParameterError(
            f"task cannot be {task!r}.", remedy=f"Choose one of: auto, {', '.join(TASK_NAMES)}."
        )
    targets = data.targets
    if not isinstance(targets, ClassTargets):
        return data
    if task == "classes":
        return replace(data, targets=replace(targets, certain=True))
    if task == "number":
        return _numbers(data, targets)
    issue = check_label_type(targets.labels, targets.counts())
    if issue is not None and issue.code == "numbers":
        found = _numbers(data, targets)
        return replace(found, hints=(*found.hints, _as_numbers(found)))
    sentence = _as_classes(targets)
    return replace(data, hints=(*data.hints, sentence)) if sentence else data


def _numbers(data: Dataset, targets: ClassTargets) -> Dataset:
    """Each label as a number; items whose label says that it is missing are left out."""
    found = read_numbers(targets.labels)
    counts = targets.counts()
    if found.bad or found.why:
        raise _no_numbers(targets.labels, counts, found.bad, found.why)
    present = np.array([number is not None for number in found.numbers], bool)
    values = np.array([0.0 if number is None else number for number in found.numbers])
    rows = np.flatnonzero(present[targets.codes])
    kept = replace(data, targets=NumberTargets(values[targets.codes]))
    if len(rows) == len(data):
        return kept
    ignored = {**data.ignored, _NO_NUMBER: len(data) - len(rows)}
    return replace(kept.take(rows), ignored=ignored, rejected=data.rejected)


def _no_numbers(
    labels: Sequence[Label], counts: np.ndarray, bad: Sequence[int], why: str
) -> DataError:
    if why:
        remedy = "Write all of them alike, as 1234.5, in one unit."
        return DataError(why, remedy=remedy, code="no_numbers")
    n = int(counts[list(bad)].sum())
    shown = ", ".join(repr(labels[i]) for i in bad[:3])
    return DataError(
        f"{n} of {int(counts.sum())} labels are not numbers, such as {shown}.",
        remedy="Correct them or leave their cells empty; or read the labels as classes with "
        "--task classes (ImageClassifier, TextClassifier).",
        code="no_numbers",
    )


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
    if found.bad or found.why or len(values) < max(_MIN_SAID, len(targets.labels)):
        return ""
    return (
        f"The labels are {len(values)} different numbers from {min(values):g} to "
        f"{max(values):g} and were read as classes; --task number predicts them as numbers."
    )
