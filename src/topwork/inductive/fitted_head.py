"""What the estimators of tasks with a head on stored features do alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from topwork.data import (
    Dataset,
    Label,
    ModalityName,
    items_beside,
    named_columns,
    read,
    with_volumes,
)
from topwork.inductive.estimator_settings import settings_of
from topwork.model.card import NetworkCard
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
    columns: Any = None,
    card: NetworkCard | None = None,
) -> Dataset:
    """Items with the targets of a task, however they are given.

    Parameters
    ----------
    columns
        A frame with a row per item, or names of a table's further columns.
    card
        Of a model, which knows the columns that it was fitted with.

    Raises
    ------
    DataError
        They have none, or can't be read.
    """
    named, beside = named_columns(columns)
    if not isinstance(X, Dataset):
        named = named if card is None else card.columns_read()
        X = read(X, y, split=split, groups=groups, items=items, task=task, columns=named)
    if card is not None:
        X = with_volumes(X, card.appearance.plane)
    if beside is not None:
        X = replace(X, items=items_beside(X.items, beside))
    return interpreted(X, task, order=order)
