"""``topwork predict`` with a model of several labels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from topwork.cli.listed_predictions import show_listed, write_listed
from topwork.data.tables.cells import inert_label

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from topwork.cli.labels.prediction import LabelsPrediction
    from topwork.cli.screen import Screen
    from topwork.data import Item
    from topwork.model import LabelsModel
    from topwork.runtime.progress import Progress


def predict_labels(
    screen: Screen,
    model: LabelsModel,
    items: Sequence[Item],
    progress: Progress,
    out: Path | None,
    skipped: dict[str, int],
    notes: list[str],
) -> None:
    """Predict, write the table where one is wanted, and show the result."""
    from topwork.cli.labels.prediction import labels_result

    result, probabilities = labels_result(model, items, progress)
    result = result.model_copy(update={"skipped": skipped, "notes": notes})
    if out is not None:
        write_labels(out, result.predictions, model.labels, probabilities)
    screen.result(result)
    cells = ((_shown(p),) for p in result.predictions)
    show_listed(screen, result, out, ("labels",), cells)
    empty = sum(not p.labels for p in result.predictions)
    if empty:
        screen.print_line(f"For {empty} of {len(result.predictions)} no label is probable enough.")


def write_labels(
    table: Path,
    predictions: Sequence[LabelsPrediction],
    labels: Sequence[str],
    probabilities: NDArray[np.float64],
) -> None:
    """A row for each item that could be read: its labels, and the probability of each label."""
    cells = (
        (
            inert_label(";".join(one.label for one in p.labels)),
            *(f"{value:.6f}" for value in row),
        )
        for p, row in zip(predictions, probabilities, strict=True)
    )
    headings = ("labels", *(inert_label(f"probability of {label}") for label in labels))
    write_listed(table, predictions, headings, cells)


def _shown(prediction: LabelsPrediction) -> str:
    found = ", ".join(f"{one.label} {one.probability:.2f}" for one in prediction.labels)
    return found or "none"
