"""``topwork predict`` with a model of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from topwork.cli.listed_predictions import show_listed, write_listed

if TYPE_CHECKING:
    from topwork.cli.number_prediction import NumberPrediction, NumberPredictResult
    from topwork.cli.screen import Screen
    from topwork.data import Item
    from topwork.model import NumberModel
    from topwork.runtime.progress import Progress


def predict_number(
    screen: Screen,
    model: NumberModel,
    items: Sequence[Item],
    progress: Progress,
    out: Path | None,
    skipped: dict[str, int],
    notes: list[str],
) -> None:
    """Predict, write the table where one is wanted, and show the result."""
    from topwork.cli.number_prediction import number_result

    result = number_result(model, items, progress)
    result = result.model_copy(update={"skipped": skipped, "notes": notes})
    if out is not None:
        write_numbers(out, result.predictions)
    screen.result(result)
    _show(screen, result, out)


def write_numbers(table: Path, predictions: Sequence[NumberPrediction]) -> None:
    """A row for each item that could be read, safe to open in a spreadsheet."""
    cells = (
        (f"{p.value:.8g}", *("" if end is None else f"{end:.8g}" for end in (p.low, p.high)))
        for p in predictions
    )
    write_listed(table, predictions, ("value", "low", "high"), cells)


def _show(screen: Screen, result: NumberPredictResult, out: Path | None) -> None:
    heading = f"{100 * (1 - result.error_rate):g} % interval"
    cells = ((f"{p.value:.5g}", _ends(p)) for p in result.predictions)
    show_listed(screen, result, out, ("value", heading), cells)
    if not result.promised:
        screen.print_line("No intervals: the model was fitted on too few items.")


def _ends(prediction: NumberPrediction) -> str:
    if prediction.low is None or prediction.high is None:
        return "none"
    return f"{prediction.low:.5g} to {prediction.high:.5g}"
