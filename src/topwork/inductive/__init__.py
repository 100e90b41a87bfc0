"""New tasks with labels: the estimators that users call."""

from typing import TYPE_CHECKING, Any

from topwork.inductive.fitting import Fitted, fit
from topwork.inductive.result import FitResult
from topwork.inductive.settings import FitSettings

if TYPE_CHECKING:
    from topwork.inductive.image_classifier import ImageClassifier

__all__ = ["FitResult", "FitSettings", "Fitted", "ImageClassifier", "fit"]


def __getattr__(name: str) -> Any:
    if name == "ImageClassifier":  # its base classes make scikit-learn load
        from topwork.inductive.image_classifier import ImageClassifier

        return ImageClassifier
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
