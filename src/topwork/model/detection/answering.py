"""What every estimator that holds a fitted detector lets one ask of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from topwork.model.detection.evaluation import DetectionEvaluation
from topwork.model.detection.model import DetectorModel
from topwork.model.detection.predictions import DetectedBox, DetectionPredictions


class BoxPredictor:
    """Asks ``model_``; a subclass is an estimator of scikit-learn that fits it."""

    model_: DetectorModel

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

    def _html_repr(self) -> str:
        """What scikit-learn shows of the parameters, and what was fitted below it."""
        parameters: str = super()._html_repr()  # type: ignore[misc]
        fitted = (getattr(self, name, None) for name in ("model_", "result_"))
        return parameters + "".join(one._repr_html_() for one in fitted if one is not None)

    def save(self, path: str | Path) -> Path:
        """Write the model as a bundle; see :meth:`topwork.model.DetectorModel.save`."""
        return self._fitted_model().save(path)

    def _fitted_model(self) -> DetectorModel:
        from sklearn.utils.validation import check_is_fitted  # a model alone does without it

        check_is_fitted(self)
        return self.model_
