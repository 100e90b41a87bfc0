"""``topwork predict`` with a detector."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from topwork.data.tables.cells import inert_label, inert_path, write_table
from topwork.runtime.counted import counted

if TYPE_CHECKING:
    from topwork.cli.boxes.prediction import BoxesOfImage, BoxesPredictResult
    from topwork.cli.screen import Screen
    from topwork.data import Item
    from topwork.model.detection.model import DetectorModel
    from topwork.runtime.progress import Progress

MAX_ROWS = 20
"""Images that are listed on the screen."""


def predict_boxes(
    screen: Screen,
    model: DetectorModel,
    items: Sequence[Item],
    progress: Progress,
    out: Path | None,
    draw: Path | None,
    threshold: float | None,
    skipped: dict[str, int],
    notes: list[str],
) -> None:
    """Predict, write the table and the drawn images that are wanted, and show the result."""
    from topwork.cli.boxes.prediction import boxes_result
    from topwork.reporting.detection.drawn_predictions import draw_predictions

    result, found = boxes_result(model, items, threshold, progress)
    result = result.model_copy(update={"skipped": skipped, "notes": notes})
    if out is not None:
        write_boxes(out, result.predictions)
    drawn = 0 if draw is None else draw_predictions(model.kind, items, found, draw)
    screen.result(result)
    _show(screen, result, out)
    if draw is not None:
        screen.print_line(f"Drew {counted(drawn, 'image')} into {draw}.")


def write_boxes(table: Path, predictions: Sequence[BoxesOfImage]) -> None:
    """A row for each box, safe to open in a spreadsheet."""
    write_table(
        table,
        ("path", "label", "probability", "x1", "y1", "x2", "y2"),
        (
            (
                inert_path(image.path),
                inert_label(box.label),
                f"{box.probability:.6f}",
                *(f"{end:.2f}" for end in (box.x1, box.y1, box.x2, box.y2)),
            )
            for image in predictions
            for box in image.boxes
        ),
    )


def _show(screen: Screen, result: BoxesPredictResult, out: Path | None) -> None:
    from topwork.cli.show import show_reading, show_rejected, show_remarks

    if not screen.json:
        show_rejected(screen, result.rejected)
    show_remarks(screen, result.remarks)
    show_reading(screen, result, result.modality)
    rows = [(_counts(image), image.path) for image in result.predictions[:MAX_ROWS]]
    screen.table(("found", "image"), rows)
    left_out = len(result.predictions) - len(rows)
    if left_out:
        where = f"all boxes are in {out}" if out else "write all boxes with --out table.csv"
        screen.print_line(f"And {left_out} more: {where}.")
    screen.print_line(f"Boxes from a probability of {result.threshold:.2f} on.")


def _counts(image: BoxesOfImage) -> str:
    """``2 cell, 1 platelet``."""
    counts = Counter(box.label for box in image.boxes)
    return ", ".join(f"{n} {label}" for label, n in counts.most_common()) or "nothing"
