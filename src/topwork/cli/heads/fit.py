"""``topwork fit`` where a head on stored features predicts something else than classes."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from topwork.cli.screen import Screen
    from topwork.data import Dataset
    from topwork.inductive.head_fitting import HeadTask
    from topwork.reporting.head_result import HeadFitResult
    from topwork.runtime.progress import Steps
    from topwork.settings import FitSettings


def fit_and_show(
    task: HeadTask[Any, Any, Any, Any, Any],
    show: Callable[[Screen, Any], None],
    screen: Screen,
    data: Dataset,
    settings: FitSettings,
    steps: Steps,
    target: Path,
    read_seconds: float,
    *,
    beside: Mapping[str, Path | None],
) -> None:
    """Fit a model, save it and show what was found.

    Parameters
    ----------
    show
        Shows the result to people.
    beside
        Further data by the options that name them, which only classifiers learn from.

    Raises
    ------
    ParameterError
        Something is asked for that only classifiers can have.
    """
    from topwork.inductive.head_fitting import fit_head
    from topwork.settings.classes_only import check_classes_only

    asked = {option: more is not None for option, more in beside.items()}
    check_classes_only(asked, task.called, remedy=task.remedy)
    fitted = fit_head(task, data, settings, steps=steps, save_to=target, read_seconds=read_seconds)
    for hint in fitted.result.notes:
        if hint not in data.hints:
            screen.note(f"Note: {hint}")
    show(screen, fitted.result)
    screen.result(fitted.result)


def show_head_fit(
    screen: Screen,
    result: HeadFitResult[Any, Any],
    *,
    learnt: str,
    head: str,
    show_scores: Callable[[], None],
    tried: Mapping[str, Callable[[Any], str]],
    promise: str,
) -> None:
    """The result of a fit, for people.

    Parameters
    ----------
    learnt
        From what.
    head
        What the head is.
    show_scores
        Shows them.
    tried
        The scores by which candidates are shown, by what they are called.
    promise
        What single predictions hold; empty for nothing.
    """
    from topwork.cli.show import show_reading, show_rejected, show_remarks

    items = f"{result.modality}s"
    if not screen.json:
        show_rejected(screen, result.rejected)
    show_remarks(screen, result.remarks)
    show_reading(screen, result, result.modality)
    screen.print_line(
        f"{learnt}; {result.features.computed} features computed, {result.features.cached} taken "
        "from the store."
    )
    if result.duplicates.n_groups or result.n_families:
        screen.print_line(
            f"Duplicates: {result.duplicates.n_items} {items}; groups that seem to come from one "
            f"original: {result.n_families}; each is kept in one fold. "
            "Equal content only: --no-near-duplicates."
        )
    screen.print_line(f"Backbone {result.backbone}, frozen; {head}.")
    show_scores()
    if len(result.tried) > 1:
        rows: Sequence[Sequence[str]] = [
            (t.name, *(of(t.scores) for of in tried.values()), "selected" if t.chosen else "")
            for t in result.tried
        ]
        screen.table(("tried", *tried, ""), rows)
    if result.columns:
        screen.print_line(result.columns.sentence, style="bold")
    if result.choice:
        screen.print_line(result.choice.reason, style="bold")
    if promise:
        screen.print_line(promise)
    screen.print_line(
        "Measured by cross-validation of the whole procedure. The intervals hold for "
        f"{items} like these."
    )
    show_saved(screen, result)


def show_saved(screen: Screen, result: Any) -> None:
    """Where the model is, and what to type next.

    Parameters
    ----------
    result
        With the fields ``model``, ``previous_model``, ``seconds`` and ``modality``.
    """
    from topwork.data import MODALITIES

    if not result.model:
        return
    if result.previous_model:
        screen.print_line(f"The model that was there before is now {result.previous_model}.")
    screen.print_line(f"Saved {result.model} after {result.seconds.total:.1f} s. Next:")
    screen.print_line(f"  topwork report {shlex.quote(result.model)}", style="bold")
    example = MODALITIES[result.modality].words.example
    screen.print_line(f"  topwork predict {shlex.quote(result.model)} {example}", style="bold")
