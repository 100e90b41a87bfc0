"""What every estimator that holds a fitted model of numbers lets one ask of it."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from topwork.model.fitted_estimator import FittedEstimator
from topwork.model.number.evaluation import NumberEvaluation
from topwork.model.number.model import NumberModel
from topwork.model.number.predictions import NumberPredictions


class NumberPredictor(FittedEstimator[NumberModel]):
    """Asks ``model_``; a subclass is an estimator of scikit-learn that fits it."""

    def predict(
        self, X: Any, *, bad: Literal["raise", "none"] = "raise", columns: Any = None
    ) -> NDArray[np.float64]:
        """The number of each item ``(n,)``; see :meth:`topwork.model.NumberModel.predict`."""
        return self._fitted_model().predict(self._beside(X, columns), bad=bad)

    def predictions(self, X: Any, *, columns: Any = None) -> NumberPredictions:
        """Numbers with intervals; see :meth:`topwork.model.NumberModel.predictions`."""
        return self._fitted_model().predictions(self._beside(X, columns))

    def evaluate(self, X: Any, y: Any = None) -> NumberEvaluation:
        """An honest number on other data; see :meth:`topwork.model.NumberModel.evaluate`."""
        return self._fitted_model().evaluate(X, y)
