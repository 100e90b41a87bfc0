"""``topwork evaluate`` with a detector."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from topwork.data.tables.cells import inert_label, inert_path, write_table
from topwork.runtime.counted import counted

if TYPE_CHECKING:
    from topwork.cli.screen import Screen
    from topwork.data import Dataset
    from topwork.model.detection.evaluation import DetectionEvaluation
    from topwork.model.detection.judged import JudgedBoxes
    from topwork.model.detection.model import DetectorModel
    from topwork.runtime.progress import Progress


def evaluate_boxes(
    screen: Screen,
    model: DetectorModel,
    data: Dataset,
    *,
    names: tuple[Path, Path],
    progress: Progress,
    page: Path | None,
    out: Path | None,
    again: str,
) -> None:
    """Judge it, write the page and the table that are wanted, and show the result.

    Parameters
    ----------
    names
        The model and the data as they were named.
    again
        The command that writes a page, too.
    """
    name, given = names
    found, judged = model.evaluate_items(data, progress=progress)
    found = found.model_copy(update={"model": str(name)})
    wrong = found.errors.false or found.errors.missed
    steps = (f"see what is missed or false: {again}",) if wrong and page is None else ()
    if out is not None:
        write_errors(out, judged)
    if page is not None:
        from topwork.reporting.detection.evaluation_page import detection_page

        title = f"{name.name} on {given.name}"
        html = detection_page(found, judged, title=title, next_steps=steps)
        page.write_text(html, encoding="utf-8", errors="replace")
    screen.result(found)
    _show(screen, found)
    for file, what in ((out, "the errors"), (page, "the page")):
        if file is not None:
            screen.print_line(f"Wrote {what} to {file}.")
    for step in steps:
        screen.print_line(f"Next: {step}")


def write_errors(table: Path, judged: JudgedBoxes) -> None:
    """A row for each false box, the most probable first, then for each missed object."""
    write_table(
        table,
        ("path", "error", "label", "probability", "object", "x1", "y1", "x2", "y2"),
        (
            (
                inert_path(one.path),
                one.error,
                inert_label(one.label or ""),
                "" if one.probability is None else f"{one.probability:.6f}",
                inert_label(one.object or ""),
                *(f"{end:.2f}" for end in one.corners),
            )
            for one in judged.errors()
        ),
    )


def _show(screen: Screen, found: DetectionEvaluation) -> None:
    from topwork.cli.boxes.fit import show_at_threshold, show_classes, show_detection_scores
    from topwork.cli.show import show_judged_data

    show_judged_data(screen, found)
    screen.print_line(
        f"{counted(found.n_items, 'image')} with {counted(found.n_objects, 'object')} evaluated "
        f"in {found.seconds:.1f} s."
    )
    show_detection_scores(screen, found.scores)
    show_classes(screen, found.per_class)
    show_at_threshold(screen, found.at_threshold)
    errors = [
        f"{n} {what}"
        for n, what in (
            (found.errors.background, "on no object"),
            (found.errors.badly_placed, "badly placed"),
            (found.errors.wrong_class, "of the wrong class"),
            (found.errors.duplicate, "on an object that has one"),
            (found.errors.wrong_class_badly_placed, "of the wrong class and badly placed"),
        )
        if n
    ]
    if found.shift and found.shift.sentence:
        screen.print_line(found.shift.sentence, style="bold" if found.shift.noticeable else "")
    if errors:
        screen.print_line(f"False boxes: {', '.join(errors)}.")
