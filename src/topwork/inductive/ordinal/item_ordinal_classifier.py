"""What the estimators for ordered classes of all modalities have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin

from topwork.data import Dataset, ModalityName
from topwork.inductive.fitted_head import fit_estimator, read_targets
from topwork.inductive.ordinal.fitting import fit_ordinal
from topwork.model.ordinal.answering import OrdinalPredictor
from topwork.settings import (
    IntervalSettings,
    JudgingSettings,
    OrderSettings,
    RunSettings,
    Setting,
)
from topwork.tasks.ordinal.decision import quadratic_kappa


@dataclass(kw_only=True, eq=False, repr=False)
class ItemOrdinalClassifier(
    OrdinalPredictor,
    ClassifierMixin,  # type: ignore[misc]
    BaseEstimator,  # type: ignore[misc]
    RunSettings,
    OrderSettings,
    IntervalSettings,
    JudgingSettings,
):
    """Fits and asks a model; a subclass says of which items, and which settings it offers."""

    _items: ClassVar[ModalityName]

    verbose: Annotated[bool, Setting("Whether ``fit`` prints its progress.")] = False

    def fit(self, X: Any, y: Any = None, *, groups: Any = None, columns: Any = None) -> Self:
        """Fit on items of ordered classes.

        Parameters
        ----------
        X
            A :class:`topwork.Dataset`, a table, or a list of items.
        y
            Labels ``(n,)`` where X doesn't tell them; numbers, or those of ``order``.
        groups
            What must not be split between folds ``(n,)``: patient, video, plant.
        columns
            What stands beside the items: a data frame with a row per item; of a table, names of its
            further columns, none for ``()``. By default all of a table are tried. They are used
            where they help; see ``result_.columns``.

        Raises
        ------
        DataError
            The data can't be used, or ``order`` does not name each label once.
        ParameterError
            A parameter of the constructor can't be used.
        """
        fit_estimator(self, fit_ordinal, lambda: self._read(X, y, groups, columns))
        self.classes_ = np.array(self.model_.labels)
        return self

    def score(self, X: Any, y: Any = None, sample_weight: Any = None) -> float:  # noqa: ARG002
        """Quadratic weighted kappa on items with labels."""
        found = self._fitted_model().evaluate(X, y, cache=False)
        counts = np.array(found.confusions)
        true, predicted = np.indices(counts.shape)
        return quadratic_kappa(
            np.repeat(true.ravel(), counts.ravel()), np.repeat(predicted.ravel(), counts.ravel())
        )

    def _read(self, X: Any, y: Any, groups: Any, columns: Any) -> Dataset:
        return read_targets(
            X,
            y,
            task="ordinal",
            items=self._items,
            split="train",
            groups=groups,
            order=self.order,
            columns=columns,
        )
