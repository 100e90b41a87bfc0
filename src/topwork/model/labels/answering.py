"""What every estimator that holds a fitted model of several labels lets one ask of it."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from topwork.model.fitted_estimator import FittedEstimator
from topwork.model.labels.evaluation import LabelsEvaluation
from topwork.model.labels.model import LabelsModel
from topwork.model.labels.predictions import LabelsPredictions


class LabelsPredictor(FittedEstimator[LabelsModel]):
    """Asks ``model_``; a subclass is an estimator of scikit-learn that fits it."""

    def predict(
        self, X: Any, *, bad: Literal["raise", "none"] = "raise", columns: Any = None
    ) -> NDArray[np.int8]:
        """Which labels each item has ``(n, L)``; see :meth:`topwork.model.LabelsModel.predict`."""
        return self._fitted_model().predict(self._beside(X, columns), bad=bad)

    def predict_proba(self, X: Any, *, columns: Any = None) -> NDArray[np.float64]:
        """The probability of each label ``(n, L)``, each between 0 and 1 for itself."""
        return self._fitted_model().predict_proba(self._beside(X, columns))

    def predictions(self, X: Any, *, columns: Any = None) -> LabelsPredictions:
        """Labels with probabilities; see :meth:`topwork.model.LabelsModel.predictions`."""
        return self._fitted_model().predictions(self._beside(X, columns))

    def evaluate(self, X: Any, y: Any = None) -> LabelsEvaluation:
        """An honest number on other data; see :meth:`topwork.model.LabelsModel.evaluate`."""
        return self._fitted_model().evaluate(X, y)
