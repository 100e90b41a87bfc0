"""The fitted model, what it says, and its bundle."""

from topwork.model.card import AdaptedFrom, Card, Label, StartedFrom
from topwork.model.evaluation.evaluate import Evaluation, RejectedRecord
from topwork.model.merging import Rows, merge
from topwork.model.model import Model, load
from topwork.model.predictions import Predictions
from topwork.model.statistics import TrainingStatistics, summarise, with_domain
from topwork.model.storage.bundle import Parts, check_target
from topwork.model.storage.manifest import is_bundle

__all__ = [
    "AdaptedFrom",
    "Card",
    "Evaluation",
    "Label",
    "Model",
    "Parts",
    "Predictions",
    "RejectedRecord",
    "Rows",
    "StartedFrom",
    "TrainingStatistics",
    "check_target",
    "is_bundle",
    "load",
    "merge",
    "summarise",
    "with_domain",
]
