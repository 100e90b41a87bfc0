"""Evaluations of classifiers, for people and as a table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from topwork.data.tables.cells import inert, inert_label, inert_path, write_table
from topwork.runtime.counted import counted

if TYPE_CHECKING:
    from topwork.cli.screen import Screen
    from topwork.data import Dataset
    from topwork.model import Evaluation
    from topwork.model.evaluation.judged import JudgedItems


def write_wrong(table: Path, items: JudgedItems, data: Dataset) -> None:
    """A row for each wrong prediction, the most confident first; of texts with the text."""
    predicted = items.predictions
    wrong = {predicted.names[i] for i in items.wrong}
    inline = data.kind.inline
    texts = {
        item.name: inert(data.kind.caption(item))
        for item in (data.items if inline else ())
        if item.name in wrong
    }
    write_table(
        table,
        ("path", *(("text",) if inline else ()), "label", "predicted", "probability", "unknown"),
        (
            (
                inert_path(predicted.names[i]),
                *((texts[predicted.names[i]],) if inline else ()),
                inert_label(items.labels[items.codes[i]]),
                inert_label(items.labels[predicted.codes[i]]),
                f"{predicted.probabilities[i, predicted.codes[i]]:.6f}",
                int(predicted.unknown[i]),
            )
            for i in items.wrong
        ),
    )


def show_evaluation(screen: Screen, found: Evaluation) -> None:
    """The result of an evaluation, for people."""
    from topwork.cli.show import show_classes, show_judged_data, show_scores

    show_judged_data(screen, found)
    screen.print_line(
        f"{counted(found.n_items, found.modality)} evaluated in {found.seconds:.1f} s."
    )
    show_scores(screen, found.scores)
    show_classes(screen, found.per_class)
    if found.shift and found.shift.sentence:
        screen.print_line(found.shift.sentence, style="bold" if found.shift.noticeable else "")
    if found.unknown:
        screen.print_line(
            f"The model calls {100 * found.unknown:.0f} % of these {found.modality}s unknown."
        )
