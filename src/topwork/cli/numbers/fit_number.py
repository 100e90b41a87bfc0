"""``topwork fit`` where the labels are numbers."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from topwork.cli.screen import Screen
    from topwork.data import Dataset
    from topwork.metrics import Score
    from topwork.reporting.number_result import NumberFitResult
    from topwork.runtime.progress import Steps
    from topwork.settings import FitSettings
    from topwork.tasks.number.scores import NumberScores

METRICS = {
    "mae": "mean absolute error",
    "rmse": "root mean squared error",
    "r2": "R²",
    "spearman": "Spearman correlation",
}


def fit_number(
    screen: Screen,
    data: Dataset,
    settings: FitSettings,
    steps: Steps,
    target: Path,
    read_seconds: float,
    *,
    beside: Mapping[str, Path | None],
) -> None:
    """Fit a regressor, save it and show what was found.

    Parameters
    ----------
    beside
        Further data by the options that name them, which only classifiers learn from.

    Raises
    ------
    ParameterError
        Something is asked for that only classifiers can have.
    """
    from topwork.inductive.number_fitting import fit_numbers
    from topwork.settings.classes_only import check_classes_only

    asked = {option: more is not None for option, more in beside.items()}
    check_classes_only(
        asked,
        "the labels are numbers",
        remedy="Leave it out, or read the labels as classes with --task classes.",
    )
    fitted = fit_numbers(data, settings, steps=steps, save_to=target, read_seconds=read_seconds)
    show_number_fit(screen, fitted.result)
    screen.result(fitted.result)


def show_number_fit(screen: Screen, result: NumberFitResult) -> None:
    """The result of a fit of numbers, for people."""
    from topwork.cli.show import show_reading, show_rejected, show_remarks
    from topwork.data import MODALITIES

    items = f"{result.modality}s"
    if not screen.json:
        show_rejected(screen, result.rejected)
    show_remarks(screen, result.remarks)
    show_reading(screen, result, result.modality)
    screen.print_line(
        f"{result.n_items} {items} with numbers from {result.target.least:.6g} to "
        f"{result.target.most:.6g}; {result.features.computed} features computed, "
        f"{result.features.cached} taken from the store."
    )
    if result.duplicates.n_groups or result.n_families:
        screen.print_line(
            f"Duplicates: {result.duplicates.n_items} {items}; groups that seem to come from one "
            f"original: {result.n_families}; each is kept in one fold. "
            "Equal content only: --no-near-duplicates."
        )
    screen.print_line(f"Backbone {result.backbone}, frozen; {result.head} head.")
    show_number_scores(screen, result.scores)
    if len(result.tried) > 1:
        rows = [
            (t.name, shown(t.scores.mae), shown(t.scores.r2), "selected" if t.chosen else "")
            for t in result.tried
        ]
        screen.table(("tried", METRICS["mae"], METRICS["r2"], ""), rows)
    if result.choice:
        screen.print_line(result.choice.reason, style="bold")
    screen.print_line(result.promise)
    screen.print_line(
        "Measured by cross-validation of the whole procedure. The intervals hold for "
        f"{items} like these."
    )
    if result.model:
        if result.previous_model:
            screen.print_line(f"The model that was there before is now {result.previous_model}.")
        screen.print_line(f"Saved {result.model} after {result.seconds.total:.1f} s. Next:")
        screen.print_line(f"  topwork report {shlex.quote(result.model)}", style="bold")
        example = MODALITIES[result.modality].words.example
        screen.print_line(f"  topwork predict {shlex.quote(result.model)} {example}", style="bold")


def show_number_scores(screen: Screen, scores: NumberScores) -> None:
    """The four numbers with their intervals."""
    rows = [(name, shown(getattr(scores, key))) for key, name in METRICS.items()]
    screen.table(("score", "value  [95 % interval]"), rows)


def shown(score: Score | None) -> str:
    """``12.3  [10.1, 15.2]``, with as many digits as numbers of any size need."""
    if score is None:
        return "–"
    high = "?" if score.high is None else f"{score.high:.4g}"
    return f"{score.value:.4g}  [{score.low:.4g}, {high}]"
