"""``topwork fit`` where the targets are boxes."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from topwork.cli.screen import Screen
    from topwork.data import Dataset
    from topwork.metrics import Score
    from topwork.metrics.detection.scores import DetectionScores
    from topwork.model.detection.class_of_boxes import ClassOfBoxes
    from topwork.model.detection.evaluation import AtThreshold
    from topwork.reporting.detection.result import DetectionFitResult, DetectorInput
    from topwork.runtime.progress import Steps
    from topwork.settings import FitSettings

METRICS = {
    "ap50": "AP50",
    "ap": "AP50:95",
    "recall_at_01": "recall at 0.1 false boxes per image",
    "recall_at_05": "recall at 0.5",
    "recall_at_1": "recall at 1",
    "recall_at_2": "recall at 2",
}


def fit_boxes(
    screen: Screen,
    data: Dataset,
    settings: FitSettings,
    steps: Steps,
    target: Path,
    read_seconds: float,
    *,
    beside: Mapping[str, Path | None],
) -> None:
    """Fit a detector, save it and show what was found.

    Parameters
    ----------
    beside
        Further data by the options that name them, which only classifiers learn from.

    Raises
    ------
    ParameterError
        Something is asked for that only classifiers can have.
    """
    from topwork.inductive.detection.fitting import fit_boxes as fit_data
    from topwork.settings.classes_only import check_classes_only

    asked = {option: more is not None for option, more in beside.items()}
    check_classes_only(
        asked,
        "the targets are boxes",
        remedy="Leave it out.",
    )
    fitted = fit_data(data, settings, steps=steps, save_to=target, read_seconds=read_seconds)
    show_detection_fit(screen, fitted.result)
    screen.result(fitted.result)


def show_detection_fit(screen: Screen, result: DetectionFitResult) -> None:
    """The result of a fit of boxes, for people."""
    from topwork.cli.show import show_reading, show_rejected, show_remarks
    from topwork.metrics import Score
    from topwork.runtime.counted import counted

    if not screen.json:
        show_rejected(screen, result.rejected)
    show_remarks(screen, result.remarks)
    show_reading(screen, result, result.modality)
    seen, counts = result.input, result.features
    screen.print_line(
        f"{counted(result.n_items, 'image')} with {counted(result.n_objects, 'object')} of "
        f"{counted(result.n_classes, 'class', 'classes')}, {result.n_negatives} without any; "
        f"{counts.computed} views computed, {counts.cached} read from the store."
    )
    if result.duplicates.n_groups or result.n_families:
        screen.print_line(
            f"Duplicates: {counted(result.duplicates.n_items, 'image')}; groups that seem to come "
            f"from one original: {result.n_families}; each is kept in one fold. "
            "Equal content only: --no-near-duplicates."
        )
    screen.print_line(
        f"Backbone {result.asked}, {_TRAINED[result.strategy]}, at {seen.width} × {seen.height} "
        f"px; {_finds_with(seen)}."
    )
    show_detection_scores(screen, result.scores)
    show_classes(screen, result.per_class)
    if len(result.tried) > 1:
        tried = [
            (
                t.name + ("" if t.n_items == result.n_items else f" (on {t.n_items} images)"),
                shown(Score(value=t.ap50, low=t.low, high=t.high)),
                f"{t.seconds:.0f} s",
                "selected" if t.chosen else "",
            )
            for t in result.tried
        ]
        screen.table(("tried", "AP50", "took", ""), tried)
    if result.transfer:
        screen.print_line(result.transfer.sentence, style="bold")
    for rung in (rung for rung in result.ladder if not rung.tried):
        screen.print_line(f"Not tried: {rung.name}, {rung.reason}.")
    if result.choice:
        screen.print_line(
            f"{result.choice.reason} Selected on the same images, so the scores are slightly "
            "optimistic."
        )
    screen.print_line(result.second_look.reason)
    for sentence in result.promised:
        screen.print_line(sentence, style="bold")
    show_at_threshold(screen, result.at_threshold)
    screen.print_line(
        "The scores are of images held out by cross-validation; the input size, the second look "
        "and the threshold were chosen on the same images, so the numbers at the threshold are "
        "slightly optimistic. The intervals hold for images like these."
    )
    if result.model:
        if result.previous_model:
            screen.print_line(f"The model that was there before is now {result.previous_model}.")
        screen.print_line(f"Saved {result.model} after {result.seconds.total:.1f} s. Next:")
        screen.print_line(f"  topwork report {shlex.quote(result.model)}", style="bold")
        example = f"  topwork predict {shlex.quote(result.model)} NEW_IMAGE.jpg --draw found/"
        screen.print_line(example, style="bold")


def _finds_with(seen: DetectorInput) -> str:
    if seen.by_queries:
        return "the pretrained detector itself, fine-tuned"
    return f"detection head on strides {', '.join(str(stride) for stride in seen.strides)}"


_TRAINED = {"probe": "frozen", "partial": "last layers fine-tuned", "full": "fine-tuned"}


def show_detection_scores(screen: Screen, scores: DetectionScores) -> None:
    """The six numbers with their intervals."""
    rows = [(name, shown(getattr(scores, key))) for key, name in METRICS.items()]
    screen.table(("score", "value  [95 % confidence interval]"), rows)


def show_classes(screen: Screen, per_class: Sequence[ClassOfBoxes]) -> None:
    """Each class, where there are several."""
    if len(per_class) > 1:
        rows = [
            (one.label, str(one.n_objects), "–" if one.ap50 is None else f"{100 * one.ap50:.1f} %")
            for one in per_class
        ]
        screen.table(("class", "objects", "AP50"), rows)


def show_at_threshold(screen: Screen, at: AtThreshold) -> None:
    """What a user of the model sees."""
    if at.recall is None or at.precision is None:
        return
    screen.print_line(
        f"At the threshold {at.threshold:.2f} it finds {100 * at.recall:.1f} % of the objects, "
        f"{100 * at.precision:.1f} % of its boxes are right: {at.false_per_image:.2f} false boxes "
        "per image.",
        style="bold",
    )


def shown(score: Score) -> str:
    """``93.1 %  [90.2 %, 95.4 %]``."""
    high = 1.0 if score.high is None else score.high
    return f"{100 * score.value:.1f} %  [{100 * score.low:.1f} %, {100 * high:.1f} %]"
