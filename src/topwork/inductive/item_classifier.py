"""What the estimators of all kinds of items have in common."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar, Final, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin

from topwork.data import Dataset, ModalityName, items_beside, named_columns, read
from topwork.inductive.estimator_settings import settings_of
from topwork.inductive.fitting import fit
from topwork.model.predictor import Predictor
from topwork.settings import (
    CalibrationSettings,
    RunSettings,
    SearchSettings,
    Setting,
)

MOVED: Final = {"unlabelled": "fit(X, y, unlabelled=...)"}
"""Former parameters, which are data."""


@dataclass(kw_only=True, eq=False, repr=False)
class ItemClassifier(
    Predictor,
    ClassifierMixin,  # type: ignore[misc]
    BaseEstimator,  # type: ignore[misc]
    RunSettings,
    CalibrationSettings,
    SearchSettings,
):
    """Fits and asks a model; a subclass says of which items, and which settings it adds."""

    _items: ClassVar[ModalityName]

    verbose: Annotated[bool, Setting("Whether ``fit`` prints its progress.")] = False

    def fit(
        self,
        X: Any,
        y: Any = None,
        *,
        groups: Any = None,
        unlabelled: Any = None,
        columns: Any = None,
    ) -> Self:
        """Fit on labelled items.

        Parameters
        ----------
        X
            A :class:`topwork.Dataset`, class folders, a table, or a list of items.
        y
            Labels ``(n,)`` where X doesn't tell them.
        groups
            What must not be split between folds ``(n,)``: patient, video, plant.
        unlabelled
            Items of the same kind without labels: a folder, a table, or a list of items. What
            learns from them is selected if it does better on the folds.
        columns
            What stands beside the items: a data frame with a row per item; of a table, names of its
            further columns, none for ``()``. By default all of a table are tried. They are used
            where they help; see ``result_.columns``.

        Raises
        ------
        DataError
            The data can't be used.
        ParameterError
            A parameter of the constructor can't be used.
        """
        settings, steps = settings_of(self)
        begun = time.monotonic()
        named, beside = named_columns(columns if settings.start is None else ())
        if not isinstance(X, Dataset):
            X = read(X, y, groups=groups, items=self._items, task="classes", columns=named)
        data: Dataset = X
        if beside is not None:
            data = replace(data, items=items_beside(data.items, beside))
        fitted = fit(
            data,
            settings,
            unlabelled=unlabelled,
            steps=steps,
            read_seconds=time.monotonic() - begun,
        )
        self.model_ = fitted.model
        self.result_ = fitted.result
        self.classes_ = np.array(fitted.model.labels)
        return self
