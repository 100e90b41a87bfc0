"""``topwork evaluate`` with a model that inspects parts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from topwork.cli.screen import Screen
    from topwork.data.reading.inspection.inspected_parts import InspectedParts
    from topwork.model import InspectionPredictions, InspectorModel
    from topwork.runtime.progress import Progress
    from topwork.settings import ReadingSettings


def evaluate_inspector(
    screen: Screen,
    model: InspectorModel,
    reading: ReadingSettings,
    *,
    names: tuple[Path, Path],
    progress: Progress,
    page: Path | None,
    out: Path | None,
) -> None:
    """Judge it, write the page and the table that are wanted, and show the result.

    Parameters
    ----------
    names
        The model and the data as they were named.
    """
    from topwork.cli.options import check_of_images
    from topwork.cli.show import show_hints, show_rejected, show_remarks
    from topwork.data.reading.inspection.inspected_parts import read_inspected_parts
    from topwork.model.inspection.evaluation import evaluate_parts
    from topwork.reporting.inspection.evaluation_page import evaluated_page, evaluated_sentences

    name, given = names
    check_of_images(reading)
    parts = read_inspected_parts(
        given,
        columns=reading.named,
        header=reading.header,
        root=reading.root,
        layout=reading.layout,
        groups=reading.groups,
        exclude=reading.exclude,
    )
    show_hints(screen, parts.data)
    found, predicted = evaluate_parts(model, parts, progress=progress)
    found = found.model_copy(update={"model": str(name)})
    if out is not None:
        _write(out, parts, predicted)
    if page is not None:
        html = evaluated_page(found, f"{name.name} on {given.name}")
        page.write_text(html, encoding="utf-8", errors="replace")
    screen.result(found)
    if not screen.json:
        show_rejected(screen, found.rejected)
    show_remarks(screen, found.remarks)
    for sentence in (*found.notes, *evaluated_sentences(found)):
        screen.print_line(sentence)
    rows = [(one.label, str(one.n), f"{100 * one.found.value:.1f} %") for one in found.per_class]
    if rows:
        screen.table(("defect", "parts", "found"), rows)
    for file, what in ((out, "all predictions"), (page, "the page")):
        if file is not None:
            screen.print_line(f"Wrote {what} to {file}.")


def _write(table: Path, parts: InspectedParts, predicted: InspectionPredictions) -> None:
    """A row for each image that could be read, the oddest first."""
    from topwork.data.tables.cells import inert_label, inert_path, write_table

    assert parts.data.classes is not None, "parts have classes"
    labels = parts.data.classes.values()
    rows = sorted(zip(predicted.kept, predicted, strict=True), key=lambda pair: -pair[1].score)
    write_table(
        table,
        ("path", "label", "score", "p", "anomalous"),
        (
            (
                inert_path(one.path),
                inert_label(str(labels[place])),
                f"{one.score:.6f}",
                f"{one.p:.6f}",
                int(one.anomalous),
            )
            for place, one in rows
        ),
    )
