"""What every estimator that holds a fitted model of ordered classes lets one ask of it."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from topwork.model.fitted_estimator import FittedEstimator
from topwork.model.ordinal.evaluation import OrdinalEvaluation
from topwork.model.ordinal.model import OrdinalModel
from topwork.model.ordinal.predictions import OrdinalPredictions


class OrdinalPredictor(FittedEstimator[OrdinalModel]):
    """Asks ``model_``; a subclass is an estimator of scikit-learn that fits it."""

    def predict(
        self, X: Any, *, bad: Literal["raise", "none"] = "raise", columns: Any = None
    ) -> NDArray[Any]:
        """The class of each item ``(n,)``; see `topwork.model.ordinal.model.OrdinalModel`."""
        return self._fitted_model().predict(self._beside(X, columns), bad=bad)

    def predict_proba(self, X: Any, *, columns: Any = None) -> NDArray[np.float64]:
        """The probability of each class ``(n, k)``, from low to high."""
        return self._fitted_model().predict_proba(self._beside(X, columns))

    def predictions(self, X: Any, *, columns: Any = None) -> OrdinalPredictions:
        """Classes with probabilities and sets of neighbouring classes."""
        return self._fitted_model().predictions(self._beside(X, columns))

    def evaluate(self, X: Any, y: Any = None) -> OrdinalEvaluation:
        """An honest number on other data."""
        return self._fitted_model().evaluate(X, y)
