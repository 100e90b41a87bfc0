"""What every estimator that holds a fitted model lets one ask of it."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from topwork.data import Dataset, match_labels, read, with_volumes
from topwork.errors import DataError
from topwork.model.card import Label
from topwork.model.evaluation.evaluate import Evaluation
from topwork.model.fitted_estimator import FittedEstimator
from topwork.model.model import Model
from topwork.model.predictions import Predictions


class Predictor(FittedEstimator[Model]):
    """Asks ``model_``; a subclass is an estimator of scikit-learn that fits it."""

    def predict(
        self,
        X: Any,
        *,
        bad: Literal["raise", "none"] = "raise",
        unknown: Label | None = None,
        columns: Any = None,
    ) -> NDArray[Any]:
        """The label of each item ``(n,)``; see :meth:`topwork.Model.predict`."""
        items = self._beside(X, columns)
        return self._fitted_model().predict(items, bad=bad, unknown=unknown)

    def predict_proba(
        self, X: Any, *, bad: Literal["raise", "none"] = "raise", columns: Any = None
    ) -> NDArray[Any]:
        """Probabilities ``(n, k)``; see :meth:`topwork.Model.predict_proba`."""
        items = self._beside(X, columns)
        probabilities: NDArray[Any] = self._fitted_model().predict_proba(items, bad=bad)
        return probabilities

    def predictions(self, X: Any, *, columns: Any = None) -> Predictions:
        """Classes, probabilities, unknown items and sets; see :meth:`topwork.Model.predictions`."""
        return self._fitted_model().predictions(self._beside(X, columns))

    def evaluate(self, X: Any, y: Any = None) -> Evaluation:
        """An honest number on other data; see :meth:`topwork.Model.evaluate`."""
        return self._fitted_model().evaluate(X, y)

    def score(
        self, X: Any, y: Any = None, sample_weight: Any = None, *, columns: Any = None
    ) -> float:
        """Accuracy on labelled items; ``sample_weight`` is ``(n,)``."""
        model = self._fitted_model()
        kind = model.card.kind
        if not isinstance(X, Dataset):
            X = read(
                X,
                y,
                split="test_or_all",
                columns=model.card.columns_read(),
                items=kind,
                task="classes",
            )
        data = with_volumes(X, model.card.appearance.plane)
        if data.classes is None:
            raise DataError(
                "A score needs labels.", remedy="Give score(X, y), or class folders, or a table."
            )
        true = np.array(match_labels(data.classes.labels, model.labels))[data.classes.codes]
        items = self._beside(data.items, columns)
        predicted = match_labels(self.predict(items).tolist(), model.labels)
        return float(np.average(true == predicted, weights=sample_weight))
