"""Where the commands find what is special to a task; no command loads that of other tasks."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from topwork.settings.choices import TaskName

_FOLDERS: Final[Mapping[TaskName, str]] = {
    "labels": "topwork.cli.labels",
    "number": "topwork.cli.numbers",
    "ordinal": "topwork.cli.ordinal",
}


def evaluation_of(task: TaskName) -> Any:
    """How evaluations are shown, an `EvaluationShown`."""
    return import_module(f"{_FOLDERS[task]}.evaluate").EVALUATED


def prediction_of(task: TaskName) -> Any:
    """How predictions are shown, a `PredictionShown`."""
    return import_module(f"{_FOLDERS[task]}.predict").PREDICTED
