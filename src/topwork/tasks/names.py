"""What the tasks are called: in JSON, on the command line and in bundles."""

from __future__ import annotations

from typing import Literal, get_args

TaskName = Literal["classes", "number"]
TASK_NAMES: tuple[TaskName, ...] = get_args(TaskName)
