"""``topwork predict`` with a model of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from topwork.data.tables.cells import inert, inert_path, write_table
from topwork.data.texts.truncated import truncated

if TYPE_CHECKING:
    from topwork.cli.number_prediction import NumberPrediction, NumberPredictResult
    from topwork.cli.screen import Screen
    from topwork.data import Item
    from topwork.model import NumberModel
    from topwork.runtime.progress import Progress

MAX_ROWS = 20
"""Predictions that are listed on the screen."""


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
    texts = ("text",) if any(p.text is not None for p in predictions) else ()
    write_table(
        table,
        ("path", *texts, "value", "low", "high"),
        (
            (
                inert_path(p.path),
                *(inert(p.text or "") for _ in texts),
                f"{p.value:.8g}",
                *("" if end is None else f"{end:.8g}" for end in (p.low, p.high)),
            )
            for p in predictions
        ),
    )


def _show(screen: Screen, result: NumberPredictResult, out: Path | None) -> None:
    from topwork.cli.show import show_reading, show_rejected, show_remarks
    from topwork.data import MODALITIES

    if not screen.json:
        show_rejected(screen, result.rejected)
    show_remarks(screen, result.remarks)
    show_reading(screen, result, result.modality)
    rows = [(f"{p.value:.5g}", _ends(p), p.text or p.path) for p in result.predictions[:MAX_ROWS]]
    heading = f"{100 * (1 - result.error_rate):g} % interval"
    screen.table(
        ("value", heading, result.modality), rows, folded=MODALITIES[result.modality].inline
    )
    left_out = len(result.predictions) - len(rows)
    if left_out:
        where = f"all of them are in {out}" if out else "write all of them with --out table.csv"
        screen.print_line(f"And {left_out} more: {where}.")
    if result.cut_short:
        screen.print_line(f"{truncated(result.cut_short)}.")
    if not result.promised:
        screen.print_line("Intervals cannot be promised: the model was fitted on too few items.")


def _ends(prediction: NumberPrediction) -> str:
    if prediction.low is None or prediction.high is None:
        return "cannot be promised"
    return f"{prediction.low:.5g} to {prediction.high:.5g}"
