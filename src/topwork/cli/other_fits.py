"""What ``topwork fit`` does where the targets are no classes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from topwork.data import Dataset
    from topwork.settings.choices import LabelledTask

_FITS: Final[Mapping[LabelledTask, tuple[str, str]]] = {
    "labels": ("topwork.cli.labels.fit", "fit_several"),
    "number": ("topwork.cli.numbers.fit", "fit_number"),
    "ordinal": ("topwork.cli.ordinal.fit", "fit_ordinal"),
    "boxes": ("topwork.cli.boxes.fit", "fit_boxes"),
}
"""Module and function by task; a fit loads nothing of the other tasks."""


def other_fit(data: Dataset) -> Callable[..., None] | None:
    """What fits these data; None where they are classes, or have no targets."""
    from topwork.tasks.registry import task_of

    task = task_of(data)
    if task is None or task not in _FITS:
        return None
    module, name = _FITS[task]
    found: Callable[..., None] = getattr(import_module(module), name)
    return found
