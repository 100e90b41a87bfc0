"""``topwork fit`` on the rows of a table."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from topwork.runtime.counted import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from topwork.cli.screen import Screen
    from topwork.data import Dataset
    from topwork.reporting.tables.result import TableClassFitResult, TableNumberFitResult
    from topwork.runtime.progress import Steps
    from topwork.settings import FitReadingSettings, FitSettings


def fit_table(
    screen: Screen,
    data: Dataset,
    reading: FitReadingSettings,
    settings: FitSettings,
    steps: Steps,
    target: Path,
    read_seconds: float,
    *,
    beside: Mapping[str, Any],
) -> None:
    """Fit a model, save it and show what was found.

    Parameters
    ----------
    reading
        How the labels are to be read, and which columns are used or left out.
    beside
        Options that only images and texts have, and what was given for them.

    Raises
    ------
    ParameterError
        Such an option is given.
    """
    from topwork.errors import ParameterError
    from topwork.inductive.tables.fitting import fit_rows
    from topwork.tasks.reading import interpreted

    for option, given in beside.items():
        if given:
            raise ParameterError(
                f"{option} works for images and texts only, and these are rows of a table.",
                remedy="Leave it out.",
                code="not_for_rows",
            )
    data = interpreted(data, reading.asked, order=reading.order)
    fitted = fit_rows(
        data,
        settings,
        without=reading.exclude,
        only=reading.use_columns,
        steps=steps,
        save_to=target,
        read_seconds=read_seconds,
    )
    show_table_fit(screen, fitted.result)
    screen.result(fitted.result)


def show_table_fit(screen: Screen, result: TableClassFitResult | TableNumberFitResult) -> None:
    """The result of a fit, for people."""
    from topwork.cli.numbers.fit import METRICS, show_number_scores, shown
    from topwork.cli.show import show_classes, show_rejected, show_scores

    if not screen.json:
        show_rejected(screen, result.rejected)
    for note in result.notes:
        screen.note(f"Note: {note}")
    what = counted(result.n_items, "row")
    if result.task == "classes":
        screen.print_line(f"{what} of {counted(result.n_classes, 'class', 'classes')}.")
    else:
        screen.print_line(
            f"{what} with numbers from {result.target.least:.6g} to {result.target.most:.6g}."
        )
    screen.print_line(result.columns.sentence)
    if result.columns.left_out:
        screen.print_line(result.columns.left_out_sentence)
    copies = result.duplicates
    if copies.n_groups:
        screen.print_line(
            f"Duplicates: {copies.n_items} rows in {counted(copies.n_groups, 'group')}, each in "
            f"one fold; groups with conflicting labels: {copies.n_conflicts}."
        )
    tried: dict[str, Callable[[Any], str]]
    if result.task == "classes":
        show_scores(screen, result.scores)
        show_classes(screen, result.per_class)
        tried = {
            "balanced accuracy": lambda s: _share(s.balanced_accuracy),
            "log loss": lambda s: f"{s.log_loss.value:.3f}",
        }
    else:
        show_number_scores(screen, result.scores)
        tried = {METRICS["mae"]: lambda s: shown(s.mae), METRICS["r2"]: lambda s: shown(s.r2)}
    rows = [
        (t.name, *(of(t.scores) for of in tried.values()), "selected" if t.chosen else "")
        for t in result.tried
    ]
    screen.table(("tried", *tried, ""), rows)
    if result.choice:
        screen.print_line(result.choice.reason, style="bold")
    if result.task == "number":
        screen.print_line(result.promise)
    screen.print_line(
        "Measured by cross-validation of the whole procedure. The intervals hold for rows like "
        "these."
    )
    _show_saved(screen, result)


def _share(score: Any) -> str:
    return f"{score.value:.3f}  [{score.low:.3f}, {score.high:.3f}]"


def _show_saved(screen: Screen, result: TableClassFitResult | TableNumberFitResult) -> None:
    if not result.model:
        return
    if result.previous_model:
        screen.print_line(f"The model that was there before is now {result.previous_model}.")
    screen.print_line(f"Saved {result.model} after {result.seconds.total:.1f} s. Next:")
    screen.print_line(f"  topwork report {shlex.quote(result.model)}", style="bold")
    screen.print_line(f"  topwork predict {shlex.quote(result.model)} TABLE.csv", style="bold")
