"""The fitted model, what it says, and its bundle."""

from topwork.model.bundle import Parts, check_target, is_bundle
from topwork.model.card import Card, framing_for
from topwork.model.evaluate import Evaluation, RejectedRecord
from topwork.model.model import Model, load
from topwork.model.predictions import Predictions
from topwork.model.statistics import summarise

__all__ = [
    "Card",
    "Evaluation",
    "Model",
    "Parts",
    "Predictions",
    "RejectedRecord",
    "check_target",
    "framing_for",
    "is_bundle",
    "load",
    "summarise",
]
