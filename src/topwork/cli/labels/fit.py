"""``topwork fit`` where items have several labels."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from topwork.cli.screen import Screen
    from topwork.data import Dataset
    from topwork.reporting.labels.result import LabelsFitResult
    from topwork.runtime.progress import Steps
    from topwork.settings import FitSettings
    from topwork.tasks.labels.scores import LabelScore, LabelsScores

METRICS = {
    "mean_ap": "mean average precision",
    "macro_f1": "macro F1",
    "micro_f1": "micro F1",
    "auroc": "AUROC",
    "empty": "empty predictions",
}
FEW_LABELS = 20
"""That get a line each."""


def fit_several(
    screen: Screen,
    data: Dataset,
    settings: FitSettings,
    steps: Steps,
    target: Path,
    read_seconds: float,
    *,
    beside: Mapping[str, Path | None],
) -> None:
    """Fit a tagger, save it and show what was found.

    Parameters
    ----------
    beside
        Further data by the options that name them, which only classifiers learn from.

    Raises
    ------
    ParameterError
        Something is asked for that only classifiers can have.
    """
    from topwork.inductive.labels.fitting import fit_labels
    from topwork.settings.classes_only import check_classes_only

    asked = {option: more is not None for option, more in beside.items()}
    check_classes_only(
        asked,
        "the items have several labels",
        remedy="Leave it out, or read each cell as one class with --task classes.",
    )
    fitted = fit_labels(data, settings, steps=steps, save_to=target, read_seconds=read_seconds)
    show_labels_fit(screen, fitted.result)
    screen.result(fitted.result)


def show_labels_fit(screen: Screen, result: LabelsFitResult) -> None:
    """The result of a fit of several labels, for people."""
    from topwork.cli.show import interval, show_reading, show_rejected, show_remarks
    from topwork.data import MODALITIES
    from topwork.runtime.counted import counted

    items = f"{result.modality}s"
    if not screen.json:
        show_rejected(screen, result.rejected)
    show_remarks(screen, result.remarks)
    show_reading(screen, result, result.modality)
    screen.print_line(
        f"{counted(result.n_items, result.modality)} with {result.labels_per_item:.2f} of "
        f"{counted(len(result.labels), 'label')} on average; {result.features.computed} features "
        f"computed, {result.features.cached} taken from the store."
    )
    if result.duplicates.n_groups or result.n_families:
        screen.print_line(
            f"Duplicates: {result.duplicates.n_items} {items}; groups that seem to come from one "
            f"original: {result.n_families}; each is kept in one fold. "
            "Equal content only: --no-near-duplicates."
        )
    screen.print_line(f"Backbone {result.backbone}, frozen; {result.head} heads, one per label.")
    show_labels_scores(screen, result.scores)
    show_per_label(screen, result.per_label, {one.label: one.threshold for one in result.rules})
    if len(result.tried) > 1:
        rows = [
            (
                t.name,
                interval(t.scores.mean_ap),
                interval(t.scores.macro_f1),
                "selected" if t.chosen else "",
            )
            for t in result.tried
        ]
        screen.table(("tried", METRICS["mean_ap"], METRICS["macro_f1"], ""), rows)
    if result.choice:
        screen.print_line(result.choice.reason, style="bold")
    if result.miss is not None:
        screen.print_line(result.miss.sentence)
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


def show_labels_scores(screen: Screen, scores: LabelsScores) -> None:
    """The scores with their intervals."""
    from topwork.cli.show import interval

    rows = [(name, interval(getattr(scores, key))) for key, name in METRICS.items()]
    screen.table(("score", "value  [95 % interval]"), rows)


def show_per_label(
    screen: Screen, per_label: Sequence[LabelScore], thresholds: Mapping[str, float]
) -> None:
    """A line per label; of many labels only the worst."""
    from topwork.cli.show import interval

    shown = list(per_label)
    if len(shown) > FEW_LABELS:
        shown = sorted(shown, key=lambda one: one.f1.value if one.f1 else 0.0)[:10]
        screen.print_line(f"The 10 labels of {len(per_label)} with the lowest F1:")
    rows = [
        (
            one.label,
            one.n,
            interval(one.precision),
            interval(one.recall),
            interval(one.f1),
            f"{thresholds[one.label]:.3f}",
        )
        for one in shown
    ]
    screen.table(("label", "n", "precision", "recall", "F1", "from"), rows)
