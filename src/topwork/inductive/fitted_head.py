"""What the estimators of tasks with a head on stored features do alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from topwork.data import Dataset, Label, ModalityName, read
from topwork.inductive.estimator_settings import settings_of
from topwork.settings.choices import LabelledTask
from topwork.tasks.reading import interpreted


def fit_estimator(
    estimator: Any, fit: Callable[..., Any], read_data: Callable[[], Dataset]
) -> None:
    """Fit a model as an estimator's parameters say, and let it hold that and what was found.

    Raises
    ------
    DataError
        The data can't be used.
    ParameterError
        A parameter of the constructor can't be used.
    """
    settings, steps = settings_of(estimator)
    begun = time.monotonic()
    data = read_data()
    fitted = fit(data, settings, steps=steps, read_seconds=time.monotonic() - begun)
    estimator.model_ = fitted.model
    estimator.result_ = fitted.result


def read_targets(
    X: Any,
    y: Any,
    *,
    task: LabelledTask,
    items: ModalityName,
    split: Any,
    groups: Any = None,
    order: Sequence[Label] | None = None,
) -> Dataset:
    """Items with the targets of a task, however they are given.

    Raises
    ------
    DataError
        They have none, or can't be read.
    """
    if not isinstance(X, Dataset):
        X = read(X, y, split=split, groups=groups, items=items, task=task)
    return interpreted(X, task, order=order)
