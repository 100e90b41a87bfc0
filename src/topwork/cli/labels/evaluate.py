"""``topwork evaluate`` with a model of several labels."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from topwork.cli.heads.evaluate import EvaluationShown
from topwork.cli.labels.fit import show_labels_scores, show_per_label
from topwork.cli.show import interval
from topwork.data.tables.cells import inert_label, inert_path, write_table
from topwork.data.targets.written_lists import in_one_cell

if TYPE_CHECKING:
    from topwork.cli.screen import Screen
    from topwork.data import Dataset
    from topwork.model import LabelsEvaluation, LabelsModel, LabelsPredictions
    from topwork.reporting.evaluated_head import EvaluatedWords


def _write(table: Path, data: Dataset, predicted: LabelsPredictions) -> None:
    """A row for each item that could be read: true and predicted labels."""
    true = data.several.texts()
    write_table(
        table,
        ("path", "true", "predicted"),
        (
            (
                inert_path(one.path),
                inert_label(true[place]),
                inert_label(in_one_cell([label.label for label in one.labels])),
            )
            for place, one in zip(predicted.kept, predicted, strict=True)
        ),
    )


def _show(screen: Screen, found: LabelsEvaluation, model: LabelsModel) -> None:
    from topwork.model.labels.evaluation import unknown_sentence

    show_labels_scores(screen, found.scores)
    thresholds = dict(zip(model.labels, model.card.thresholds, strict=True))
    show_per_label(screen, found.per_label, thresholds)
    if said := unknown_sentence(found.unknown_labels):
        screen.print_line(said, style="bold")
    if found.missed is not None:
        promised = (
            "" if found.promised is None else f"; at most {100 * found.promised:g} % was promised"
        )
        screen.print_line(
            f"Share of an item's labels that was missed: {interval(found.missed)}{promised}."
        )


def _errors(screen: Screen, found: LabelsEvaluation) -> None:
    if found.wrong:
        rows = [(w.path, "; ".join(w.missed), "; ".join(w.extra)) for w in found.wrong[:5]]
        screen.table(("largest errors", "missed", "predicted wrongly"), rows)


def _words(*what: Any) -> EvaluatedWords:
    from topwork.reporting.labels.evaluated import evaluated_labels

    return evaluated_labels(*what)


EVALUATED = EvaluationShown(_write, _show, _errors, _words)
