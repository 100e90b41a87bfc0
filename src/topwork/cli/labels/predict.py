"""``topwork predict`` with a model of several labels."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from topwork.cli.heads.predict import HeadPrediction, HeadPredictResult, PredictionShown
from topwork.cli.listed_predictions import write_listed
from topwork.data.tables.cells import inert_label
from topwork.data.targets.written_lists import in_one_cell
from topwork.model.labels.predictions import GivenLabel

if TYPE_CHECKING:
    from topwork.model import LabelsModel, LabelsPredictions
    from topwork.model.labels.predictions import PredictedLabels


class LabelsPrediction(HeadPrediction):
    """What the model predicts for one item.

    Attributes
    ----------
    labels
        Those that it has by the model, the most probable first; there may be none.
    """

    labels: list[GivenLabel]


class LabelsPredictResult(HeadPredictResult[LabelsPrediction]):
    """What ``predict`` prints of a model of several labels.

    Attributes
    ----------
    miss
        Share of an item's labels that the model promises to miss at most; ``None`` where it
        promises none.
    """

    task: Literal["labels"] = "labels"
    miss: float | None = None


def _result(model: LabelsModel, **read: Any) -> LabelsPredictResult:
    promise = model.card.miss
    miss = None if promise is None or promise.shift is None else promise.target
    return LabelsPredictResult(miss=miss, **read)


def _fields(one: PredictedLabels) -> dict[str, Any]:
    return {"labels": list(one.labels)}


def _write(table: Path, result: LabelsPredictResult, found: LabelsPredictions) -> None:
    """A row for each item that could be read: its labels, and the probability of each label."""
    cells = (
        (
            inert_label(in_one_cell([one.label for one in p.labels])),
            *(f"{value:.6f}" for value in row),
        )
        for p, row in zip(result.predictions, found.probabilities, strict=True)
    )
    headings = ("labels", *(inert_label(f"probability of {label}") for label in found.labels))
    write_listed(table, result.predictions, headings, cells)


def _headings(result: LabelsPredictResult) -> tuple[str, ...]:  # noqa: ARG001
    return ("labels",)


def _cells(prediction: LabelsPrediction) -> tuple[str, ...]:
    found = ", ".join(f"{one.label} {one.probability:.2f}" for one in prediction.labels)
    return (found or "none",)


def _remark(result: LabelsPredictResult) -> str:
    empty = sum(not p.labels for p in result.predictions)
    if not empty:
        return ""
    return f"For {empty} of {len(result.predictions)} no label is probable enough."


PREDICTED = PredictionShown(_result, _fields, _write, _headings, _cells, _remark)
