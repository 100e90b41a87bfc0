"""``topwork evaluate`` with a model of ordered classes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from topwork.cli.heads.evaluate import EvaluationShown
from topwork.cli.ordinal.fit import show_ordinal_scores, show_rank_errors
from topwork.cli.show import interval
from topwork.data.tables.cells import inert_label, inert_path, write_table

if TYPE_CHECKING:
    from topwork.cli.screen import Screen
    from topwork.data import Dataset
    from topwork.model import OrdinalEvaluation, OrdinalModel, OrdinalPredictions
    from topwork.reporting.evaluated_head import EvaluatedWords


def _write(table: Path, data: Dataset, predicted: OrdinalPredictions) -> None:
    """A row for each item that could be read: true and predicted class."""
    assert data.classes is not None
    true = data.classes.values()
    write_table(
        table,
        ("path", "true", "predicted", "probability"),
        (
            (
                inert_path(one.path),
                inert_label(str(true[place])),
                inert_label(str(one.label)),
                f"{one.probability:.6f}",
            )
            for place, one in zip(predicted.kept, predicted, strict=True)
        ),
    )


def _show(screen: Screen, found: OrdinalEvaluation, model: OrdinalModel) -> None:  # noqa: ARG001
    show_ordinal_scores(screen, found.scores)
    show_rank_errors(screen, found.labels, found.confusions)
    if found.coverage is None:
        screen.print_line("The model gives no sets: it was fitted on too few items.")
    else:
        screen.print_line(
            f"Coverage of the {100 * found.promised:g} % sets: {interval(found.coverage)}; "
            f"{found.mean_set_size:.2f} classes per set."
        )


def _errors(screen: Screen, found: OrdinalEvaluation) -> None:
    if found.largest_errors:
        rows = [(e.path, e.true, e.predicted) for e in found.largest_errors[:5]]
        screen.table(("largest errors", "true", "predicted"), rows)


def _words(*what: Any) -> EvaluatedWords:
    from topwork.reporting.ordinal.evaluated import evaluated_order

    return evaluated_order(*what)


EVALUATED = EvaluationShown(_write, _show, _errors, _words)
