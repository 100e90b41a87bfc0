"""The fitted model, what it says, and its bundle."""

from topwork.model.bundle import Parts, check_target
from topwork.model.card import AdaptedFrom, Card, Label, StartedFrom, framing_for
from topwork.model.evaluate import Evaluation, RejectedRecord
from topwork.model.manifest import is_bundle
from topwork.model.merging import Rows, merge
from topwork.model.model import Model, load
from topwork.model.predictions import Predictions
from topwork.model.statistics import TrainingStatistics, summarise, with_domain

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
    "framing_for",
    "is_bundle",
    "load",
    "merge",
    "summarise",
    "with_domain",
]
