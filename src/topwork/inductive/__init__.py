"""New tasks with labels: the estimators that users call."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from topwork.inductive.detection.fitting import FittedDetector, fit_boxes
    from topwork.inductive.fitting import Fitted, fit
    from topwork.inductive.image_classifier import ImageClassifier
    from topwork.inductive.labels.fitting import FittedLabels, fit_labels
    from topwork.inductive.labels.image_tagger import ImageTagger
    from topwork.inductive.labels.text_tagger import TextTagger
    from topwork.inductive.numbers.fitting import FittedNumbers, fit_numbers
    from topwork.inductive.numbers.image_regressor import ImageRegressor
    from topwork.inductive.numbers.text_regressor import TextRegressor
    from topwork.inductive.object_detector import ObjectDetector
    from topwork.inductive.ordinal.fitting import FittedOrdinal, fit_ordinal
    from topwork.inductive.ordinal.image_classifier import OrdinalImageClassifier
    from topwork.inductive.ordinal.text_classifier import OrdinalTextClassifier
    from topwork.inductive.tables.fitting import FittedTable, fit_rows
    from topwork.inductive.tables.table_classifier import TableClassifier
    from topwork.inductive.tables.table_regressor import TableRegressor
    from topwork.inductive.text_classifier import TextClassifier
    from topwork.reporting.result import FitResult
    from topwork.settings import FitSettings

__all__ = [
    "FitResult",
    "FitSettings",
    "Fitted",
    "FittedDetector",
    "FittedLabels",
    "FittedNumbers",
    "FittedOrdinal",
    "FittedTable",
    "ImageClassifier",
    "ImageRegressor",
    "ImageTagger",
    "ObjectDetector",
    "OrdinalImageClassifier",
    "OrdinalTextClassifier",
    "TableClassifier",
    "TableRegressor",
    "TextClassifier",
    "TextRegressor",
    "TextTagger",
    "fit",
    "fit_boxes",
    "fit_labels",
    "fit_numbers",
    "fit_ordinal",
    "fit_rows",
]

_HOME = {
    "FitResult": "topwork.reporting.result",
    "FitSettings": "topwork.settings",
    "Fitted": "topwork.inductive.fitting",
    "FittedDetector": "topwork.inductive.detection.fitting",
    "FittedLabels": "topwork.inductive.labels.fitting",
    "FittedNumbers": "topwork.inductive.numbers.fitting",
    "FittedOrdinal": "topwork.inductive.ordinal.fitting",
    "FittedTable": "topwork.inductive.tables.fitting",
    "ImageClassifier": "topwork.inductive.image_classifier",
    "ImageRegressor": "topwork.inductive.numbers.image_regressor",
    "ImageTagger": "topwork.inductive.labels.image_tagger",
    "ObjectDetector": "topwork.inductive.object_detector",
    "OrdinalImageClassifier": "topwork.inductive.ordinal.image_classifier",
    "OrdinalTextClassifier": "topwork.inductive.ordinal.text_classifier",
    "TableClassifier": "topwork.inductive.tables.table_classifier",
    "TableRegressor": "topwork.inductive.tables.table_regressor",
    "TextClassifier": "topwork.inductive.text_classifier",
    "TextRegressor": "topwork.inductive.numbers.text_regressor",
    "TextTagger": "topwork.inductive.labels.text_tagger",
    "fit": "topwork.inductive.fitting",
    "fit_boxes": "topwork.inductive.detection.fitting",
    "fit_labels": "topwork.inductive.labels.fitting",
    "fit_numbers": "topwork.inductive.numbers.fitting",
    "fit_ordinal": "topwork.inductive.ordinal.fitting",
    "fit_rows": "topwork.inductive.tables.fitting",
}


def __getattr__(name: str) -> Any:
    """A fit of classes loads nothing of boxes and numbers, and no command loads scikit-learn."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
