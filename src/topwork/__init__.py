"""Transfer learning that people can trust.

>>> import topwork as tw
>>> classifier = tw.ImageClassifier(geometry="pad")
>>> classifier.get_params()["geometry"]
'pad'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from topwork.data import Dataset, read
    from topwork.deployment.export.exporting import export_model
    from topwork.deployment.live.live_recognition import watch
    from topwork.deployment.remote.remote_model import connect
    from topwork.inductive import (
        ImageClassifier,
        ImageRegressor,
        ImageTagger,
        ObjectDetector,
        OrdinalImageClassifier,
        OrdinalTextClassifier,
        TableClassifier,
        TableRegressor,
        TextClassifier,
        TextRegressor,
        TextTagger,
    )
    from topwork.inductive.inspection.anomaly_detector import AnomalyDetector
    from topwork.labelling import next_items
    from topwork.metalearning.few_shot_classifier import FewShotClassifier
    from topwork.model import Model, load
    from topwork.transductive import DomainAdapter
    from topwork.unsupervised.clustering.clusterer import Clusterer
    from topwork.unsupervised.retrieval import SearchIndex

_HOME = {
    "AnomalyDetector": "topwork.inductive.inspection.anomaly_detector",
    "Clusterer": "topwork.unsupervised.clustering.clusterer",
    "Dataset": "topwork.data",
    "DomainAdapter": "topwork.transductive",
    "FewShotClassifier": "topwork.metalearning.few_shot_classifier",
    "ImageClassifier": "topwork.inductive",
    "ImageRegressor": "topwork.inductive",
    "ImageTagger": "topwork.inductive",
    "Model": "topwork.model",
    "ObjectDetector": "topwork.inductive",
    "OrdinalImageClassifier": "topwork.inductive",
    "OrdinalTextClassifier": "topwork.inductive",
    "SearchIndex": "topwork.unsupervised.retrieval",
    "TableClassifier": "topwork.inductive",
    "TableRegressor": "topwork.inductive",
    "TextClassifier": "topwork.inductive",
    "TextRegressor": "topwork.inductive",
    "TextTagger": "topwork.inductive",
    "export_model": "topwork.deployment.export.exporting",
    "connect": "topwork.deployment.remote.remote_model",
    "load": "topwork.model",
    "next_items": "topwork.labelling",
    "read": "topwork.data",
    "watch": "topwork.deployment.live.live_recognition",
}

__all__ = [
    "AnomalyDetector",
    "Clusterer",
    "Dataset",
    "DomainAdapter",
    "FewShotClassifier",
    "ImageClassifier",
    "ImageRegressor",
    "ImageTagger",
    "Model",
    "ObjectDetector",
    "OrdinalImageClassifier",
    "OrdinalTextClassifier",
    "SearchIndex",
    "TableClassifier",
    "TableRegressor",
    "TextClassifier",
    "TextRegressor",
    "TextTagger",
    "connect",
    "export_model",
    "load",
    "next_items",
    "read",
    "watch",
]


def __getattr__(name: str) -> Any:
    """Importing topwork is free: each name loads what it needs when it is first used."""
    if name not in _HOME:
        raise AttributeError(f"module 'topwork' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted([*__all__, *(name for name in globals() if name.startswith("__"))])
