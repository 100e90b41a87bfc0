"""The tasks that there are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topwork.data import (
    BoxTargets,
    ClassTargets,
    Dataset,
    LabelTargets,
    NumberTargets,
    OrdinalTargets,
    Targets,
)
from topwork.settings.choices import LabelledTask
from topwork.tasks.boxes.task import BOXES
from topwork.tasks.classification import CLASSES
from topwork.tasks.labels.task import LABELS
from topwork.tasks.number.task import NUMBER
from topwork.tasks.ordinal.task import ORDINAL
from topwork.tasks.task import Task

TASKS: Mapping[LabelledTask, Task[Any]] = {
    "classes": CLASSES,
    "labels": LABELS,
    "number": NUMBER,
    "ordinal": ORDINAL,
    "boxes": BOXES,
}

TASK_OF: Mapping[type[Targets], LabelledTask] = {
    ClassTargets: "classes",
    LabelTargets: "labels",
    NumberTargets: "number",
    OrdinalTargets: "ordinal",
    BoxTargets: "boxes",
}
"""Whose targets are of which type."""


def strata_of(data: Dataset) -> NDArray[np.int64]:
    """What folds of these items hold alike, ``(n,)``; the items have targets."""
    task = task_of(data)
    assert task is not None, "the data were checked to have targets"
    return TASKS[task].strata(data.targets)


def task_of(data: Dataset) -> LabelledTask | None:
    """The task whose targets these items have; None without targets."""
    if data.targets is None:
        return None
    return TASK_OF[type(data.targets)]
