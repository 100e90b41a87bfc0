"""The result of a fit of classes, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from topwork.cli.heads.fit import show_saved
from topwork.runtime.counted import counted

if TYPE_CHECKING:
    from topwork.cli.screen import Screen
    from topwork.reporting.result import FitResult

_TRAINED = {
    "probe": "frozen",
    "partial": "last layers fine-tuned",
    "full": "fully fine-tuned",
    "lora": "adapted with LoRA",
    "pairs": "fine-tuned on pairs of texts",
    "blend": "partly fine-tuned",
}


def show_fit(screen: Screen, result: FitResult, *, stored: bool = True) -> None:
    """The result of a fit, for people."""
    from topwork.cli.show import show_classes, show_scores

    _show_items(screen, result, stored=stored)
    trained = _TRAINED.get(result.strategy, result.strategy)
    screen.print_line(f"Backbone {result.backbone}, {trained}; {result.head} head.")
    if result.ranking:
        screen.print_line(
            f"{result.ranking.reason} Selected from {len(result.ranking.backbones)} backbones "
            f"on the same {result.modality}s, so the score below is slightly optimistic."
        )
    if result.int8:
        screen.print_line(result.int8.sentence)
    if result.scores is None:
        screen.print_line(
            f"Performance can't be estimated from one {result.modality} per class.", style="bold"
        )
    else:
        show_scores(screen, result.scores)
        show_classes(screen, result.per_class)
        screen.print_line(
            "Measured by cross-validation of the whole procedure. The intervals hold for "
            f"{result.modality}s like these."
        )
        judged = next((t.n_items for t in result.tried if t.chosen), result.n_items)
        if judged < result.n_items:
            screen.print_line(
                f"There was time to evaluate it on {judged} of the {result.n_items} "
                f"{result.modality}s; more --minutes give a narrower interval."
            )
    _show_comparisons(screen, result)
    if result.precision_check and result.precision_check.sentence:
        screen.note(f"Warning: {result.precision_check.sentence}")
    screen.print_line(result.unknown.sentence)
    show_saved(screen, result)


def _show_items(screen: Screen, result: FitResult, *, stored: bool) -> None:
    from topwork.backbones.windowed import LONG
    from topwork.cli.show import show_reading, show_rejected, show_remarks
    from topwork.data.texts.truncated import truncated

    if not screen.json:
        show_rejected(screen, result.rejected)
    show_remarks(screen, result.remarks)
    show_reading(screen, result, result.modality)
    items = f"{result.modality}s"
    counts, copies, continual_part = result.features, result.duplicates, result.continual
    speed = f" at {result.images_per_second:.0f} {items}/s" if counts.computed else ""
    what = counted(result.n_items, result.modality)
    if continual_part:
        what = f"{continual_part.n_new} new {items} and {continual_part.n_stored} stored ones"
    screen.print_line(
        f"{what} of {counted(result.n_classes, 'class', 'classes')}; features of {counts.computed} "
        f"computed{speed}{f', of {counts.cached} read from the store' if stored else ''}."
    )
    if result.cut_short:
        screen.print_line(
            f"{truncated(result.cut_short)}{'' if LONG in result.asked else ' (use --long)'}."
        )
    if copies.n_groups:
        screen.print_line(
            f"Duplicates: {copies.n_items} {items} in {counted(copies.n_groups, 'group')}, each in "
            f"one fold; groups with conflicting labels: {copies.n_conflicts}. Equal content only: "
            "--no-near-duplicates."
        )
    if result.families:
        screen.print_line(result.families.sentence, style="bold")


def _show_comparisons(screen: Screen, result: FitResult) -> None:
    from topwork.cli.show import show_continual, show_rejected, show_tried
    from topwork.search.known_rungs import rungs_above
    from topwork.search.ladder import ladder_sentences
    from topwork.search.rungs.rung import Asked

    if result.continual:
        show_continual(screen, result.continual)
    else:
        show_tried(screen, result.tried)
    if result.transfer:
        screen.print_line(result.transfer.sentence, style="bold")
    if result.columns:
        screen.print_line(result.columns.sentence, style="bold")
    if result.choice:
        screen.print_line(result.choice.reason)
    above = not result.continual and bool(rungs_above(Asked(result.asked, result.modality)))
    for sentence in ladder_sentences(result.ladder):
        screen.print_line(sentence)
    if above and not result.ladder:
        screen.print_line("--strategy auto may do better in about 10 min.")
    if result.unlabelled:
        show_rejected(screen, result.unlabelled.rejected)
        screen.print_line(result.unlabelled.sentence)
    if result.learning_curve:
        screen.print_line(result.learning_curve.sentence)
    from topwork.data.dataset import NO_DEVICE

    if result.left_out_domains:
        screen.print_line(result.left_out_domains.sentence)
    if result.screening and (result.screening.asked or NO_DEVICE in result.notes):
        screen.print_line(result.screening.sentence)
    if result.costs:
        screen.print_line(result.costs.sentence)
