"""New tasks with labels: the estimators that users call."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from topwork.inductive.detection.fitting import FittedDetector, fit_boxes
from topwork.inductive.fitting import Fitted, fit
from topwork.inductive.number_fitting import FittedNumbers, fit_numbers
from topwork.reporting.result import FitResult
from topwork.settings import FitSettings

if TYPE_CHECKING:
    from topwork.inductive.image_classifier import ImageClassifier
    from topwork.inductive.image_regressor import ImageRegressor
    from topwork.inductive.object_detector import ObjectDetector
    from topwork.inductive.text_classifier import TextClassifier
    from topwork.inductive.text_regressor import TextRegressor

__all__ = [
    "FitResult",
    "FitSettings",
    "Fitted",
    "FittedDetector",
    "FittedNumbers",
    "ImageClassifier",
    "ImageRegressor",
    "ObjectDetector",
    "TextClassifier",
    "TextRegressor",
    "fit",
    "fit_boxes",
    "fit_numbers",
]

_ESTIMATORS = {
    "ImageClassifier": "image_classifier",
    "ImageRegressor": "image_regressor",
    "ObjectDetector": "object_detector",
    "TextClassifier": "text_classifier",
    "TextRegressor": "text_regressor",
}


def __getattr__(name: str) -> Any:
    if name in _ESTIMATORS:  # their base classes make scikit-learn load
        return getattr(import_module(f"topwork.inductive.{_ESTIMATORS[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
