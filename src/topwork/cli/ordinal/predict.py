"""``topwork predict`` with a model of ordered classes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from topwork.cli.heads.predict import HeadPrediction, HeadPredictResult, PredictionShown
from topwork.cli.listed_predictions import write_listed
from topwork.data.tables.cells import inert_label

if TYPE_CHECKING:
    from topwork.model import OrdinalModel
    from topwork.model.ordinal.predictions import PredictedRank


class OrdinalPrediction(HeadPrediction):
    """What the model predicts for one item.

    Attributes
    ----------
    label, probability
        The predicted class, and how probable it is.
    probabilities
        Of all classes, from low to high.
    set
        The neighbouring classes that are credible at the model's error rate.
    """

    label: str
    probability: float
    probabilities: list[float]
    set: list[str]


class OrdinalPredictResult(HeadPredictResult[OrdinalPrediction]):
    """What ``predict`` prints of a model of ordered classes.

    Attributes
    ----------
    labels
        The classes, from low to high.
    error_rate
        Share of items whose set may miss the true class.
    promised
        Whether the model promises sets at all; if not, each holds every class.
    """

    task: Literal["ordinal"] = "ordinal"
    labels: list[str]
    error_rate: float
    promised: bool


def _result(model: OrdinalModel, **read: Any) -> OrdinalPredictResult:
    labels, sets = [str(label) for label in model.labels], model.card.sets
    return OrdinalPredictResult(
        labels=labels, error_rate=sets.error_rate, promised=sets.enough, **read
    )


def _fields(one: PredictedRank) -> dict[str, Any]:
    return {
        "label": str(one.label),
        "probability": one.probability,
        "probabilities": list(one.probabilities),
        "set": [str(label) for label in one.set],
    }


def _write(table: Path, result: OrdinalPredictResult, found: object) -> None:  # noqa: ARG001
    """A row for each item that could be read: its class, and the probability of each class."""
    cells = (
        (inert_label(p.label), f"{p.probability:.6f}", *(f"{v:.6f}" for v in p.probabilities))
        for p in result.predictions
    )
    more = (inert_label(f"probability of {label}") for label in result.labels)
    write_listed(table, result.predictions, ("label", "probability", *more), cells)


def _headings(result: OrdinalPredictResult) -> tuple[str, ...]:
    return ("label", "probability", f"{100 * (1 - result.error_rate):g} % set")


def _cells(prediction: OrdinalPrediction) -> tuple[str, ...]:
    first, last = prediction.set[0], prediction.set[-1]
    credible = first if first == last else f"{first} to {last}"
    return prediction.label, f"{prediction.probability:.3f}", credible


def _remark(result: OrdinalPredictResult) -> str:
    return "" if result.promised else "No sets: the model was fitted on too few items."


PREDICTED = PredictionShown(_result, _fields, _write, _headings, _cells, _remark)
