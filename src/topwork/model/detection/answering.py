"""What every estimator that holds a fitted detector lets one ask of it."""

from __future__ import annotations

from typing import Any, Literal

from topwork.model.detection.evaluation import DetectionEvaluation
from topwork.model.detection.model import DetectorModel
from topwork.model.detection.predictions import DetectedBox, DetectionPredictions
from topwork.model.fitted_estimator import FittedEstimator


class BoxPredictor(FittedEstimator[DetectorModel]):
    """Asks ``model_``; a subclass is an estimator of scikit-learn that fits it."""

    def predict(
        self, X: Any, *, threshold: float | None = None, bad: Literal["raise", "none"] = "raise"
    ) -> list[list[DetectedBox] | None]:
        """The objects in each image; see :meth:`topwork.model.DetectorModel.predict`."""
        return self._fitted_model().predict(X, threshold=threshold, bad=bad)

    def predictions(self, X: Any, *, threshold: float | None = None) -> DetectionPredictions:
        """The same as arrays; see :meth:`topwork.model.DetectorModel.predictions`."""
        return self._fitted_model().predictions(X, threshold=threshold)

    def evaluate(self, X: Any, y: Any = None) -> DetectionEvaluation:
        """An honest number on other data; see :meth:`topwork.model.DetectorModel.evaluate`."""
        return self._fitted_model().evaluate(X, y)

    def score(self, X: Any, y: Any = None) -> float:
        """AP50 on annotated images."""
        return self.evaluate(X, y).scores.ap50.value
