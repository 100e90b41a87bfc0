"""What the regressors of all modalities have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin

from topwork.data import Dataset, ModalityName
from topwork.inductive.fitted_head import fit_estimator, read_targets
from topwork.inductive.numbers.fitting import fit_numbers
from topwork.model.card import NetworkCard
from topwork.model.number.answering import NumberPredictor
from topwork.settings import IntervalSettings, JudgingSettings, RunSettings, Setting


@dataclass(kw_only=True, eq=False, repr=False)
class ItemRegressor(
    NumberPredictor,
    RegressorMixin,  # type: ignore[misc]
    BaseEstimator,  # type: ignore[misc]
    RunSettings,
    IntervalSettings,
    JudgingSettings,
):
    """Fits and asks a model; a subclass says of which items, and which settings it offers."""

    _items: ClassVar[ModalityName]

    verbose: Annotated[bool, Setting("Whether ``fit`` prints its progress.")] = False

    def fit(self, X: Any, y: Any = None, *, groups: Any = None, columns: Any = None) -> Self:
        """Fit on items with numbers.

        Parameters
        ----------
        X
            A :class:`topwork.Dataset`, a table, or a list of items.
        y
            Numbers ``(n,)`` where X doesn't tell them.
        groups
            What must not be split between folds ``(n,)``: patient, video, plant.
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
        fit_estimator(
            self,
            fit_numbers,
            lambda: self._read(X, y, split="train", groups=groups, columns=columns),
        )
        return self

    def score(
        self, X: Any, y: Any = None, sample_weight: Any = None, *, columns: Any = None
    ) -> float:
        """R² on items with numbers; ``sample_weight`` is ``(n,)``."""
        from sklearn.metrics import r2_score

        card = self._fitted_model().card
        data = self._read(X, y, split="test_or_all", columns=columns, card=card)
        predicted = self.predict(data.items)
        return float(r2_score(data.numbers, predicted, sample_weight=_flat(sample_weight)))

    def _read(
        self,
        X: Any,
        y: Any,
        *,
        split: Any,
        groups: Any = None,
        columns: Any = None,
        card: NetworkCard | None = None,
    ) -> Dataset:
        return read_targets(
            X,
            y,
            task="number",
            items=self._items,
            split=split,
            groups=groups,
            columns=columns,
            card=card,
        )


def _flat(weights: Any) -> Any:
    return None if weights is None else np.asarray(weights, np.float64)
