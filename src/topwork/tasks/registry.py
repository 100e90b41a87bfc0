"""The tasks that there are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from topwork.data import Dataset, NumberTargets
from topwork.settings.choices import TaskName
from topwork.tasks.classification import CLASSES
from topwork.tasks.number.task import NUMBER
from topwork.tasks.task import Task

TASKS: Mapping[TaskName, Task[Any]] = {"classes": CLASSES, "number": NUMBER}


def task_of(data: Dataset) -> TaskName | None:
    """The task whose targets these items have; None without targets."""
    if data.targets is None:
        return None
    return "number" if isinstance(data.targets, NumberTargets) else "classes"
