"""``topwork evaluate`` with a model of numbers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from topwork.cli.heads.evaluate import EvaluationShown
from topwork.cli.numbers.fit import show_number_scores, shown
from topwork.data.tables.cells import inert_path, write_table

if TYPE_CHECKING:
    from topwork.cli.screen import Screen
    from topwork.data import Dataset
    from topwork.model import NumberEvaluation, NumberModel, NumberPredictions
    from topwork.reporting.evaluated_head import EvaluatedWords


def _write(table: Path, data: Dataset, predicted: NumberPredictions) -> None:
    """A row for each item that could be read, the largest error first."""
    numbers = data.numbers
    rows = zip(predicted.kept, predicted, strict=True)
    ordered = sorted(rows, key=lambda pair: -abs(pair[1].value - numbers[pair[0]]))
    write_table(
        table,
        ("path", "true", "value", "low", "high"),
        (
            (
                inert_path(one.path),
                f"{numbers[place]:.8g}",
                f"{one.value:.8g}",
                *("" if end is None else f"{end:.8g}" for end in (one.low, one.high)),
            )
            for place, one in ordered
        ),
    )


def _show(screen: Screen, found: NumberEvaluation, model: NumberModel) -> None:  # noqa: ARG001
    show_number_scores(screen, found.scores)
    if found.coverage is None:
        screen.print_line("The model gives no intervals: it was fitted on too few items.")
    else:
        screen.print_line(
            f"Coverage of the {100 * found.promised:g} % intervals: {shown(found.coverage)}; mean "
            f"width {found.mean_width:.4g}."
        )


def _errors(screen: Screen, found: NumberEvaluation) -> None:
    if found.largest_errors:
        rows = [(e.path, f"{e.true:.5g}", f"{e.value:.5g}") for e in found.largest_errors[:5]]
        screen.table(("largest errors", "true", "predicted"), rows)


def _words(*what: Any) -> EvaluatedWords:
    from topwork.reporting.numbers.evaluated import evaluated_numbers

    return evaluated_numbers(*what)


EVALUATED = EvaluationShown(_write, _show, _errors, _words)
