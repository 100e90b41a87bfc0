"""What every estimator that holds a fitted model of numbers lets one ask of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from topwork.model.number.evaluation import NumberEvaluation
from topwork.model.number.model import NumberModel
from topwork.model.number.predictions import NumberPredictions


class NumberPredictor:
    """Asks ``model_``; a subclass is an estimator of scikit-learn that fits it."""

    model_: NumberModel

    def predict(self, X: Any, *, bad: Literal["raise", "none"] = "raise") -> NDArray[np.float64]:
        """The number of each item ``(n,)``; see :meth:`topwork.model.NumberModel.predict`."""
        return self._fitted_model().predict(X, bad=bad)

    def predictions(self, X: Any) -> NumberPredictions:
        """Numbers with intervals; see :meth:`topwork.model.NumberModel.predictions`."""
        return self._fitted_model().predictions(X)

    def evaluate(self, X: Any, y: Any = None) -> NumberEvaluation:
        """An honest number on other data; see :meth:`topwork.model.NumberModel.evaluate`."""
        return self._fitted_model().evaluate(X, y)

    def _html_repr(self) -> str:
        """What scikit-learn shows of the parameters, and what was fitted below it."""
        parameters: str = super()._html_repr()  # type: ignore[misc]
        fitted = (getattr(self, name, None) for name in ("model_", "result_"))
        return parameters + "".join(one._repr_html_() for one in fitted if one is not None)

    def save(self, path: str | Path) -> Path:
        """Write the model as a bundle; see :meth:`topwork.model.NumberModel.save`."""
        return self._fitted_model().save(path)

    def _fitted_model(self) -> NumberModel:
        from sklearn.utils.validation import check_is_fitted  # a model alone does without it

        check_is_fitted(self)
        return self.model_
