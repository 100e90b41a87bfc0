"""``topwork fit``: the main job."""

from __future__ import annotations

import shlex
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from topwork.cli.expanded import with_options
from topwork.cli.options import DataPath, Json, Quiet, read_data
from topwork.cli.repeated import following
from topwork.runtime.counted import counted
from topwork.settings import FitSettings, TaskSettings

if TYPE_CHECKING:
    from topwork.cli.screen import Screen
    from topwork.reporting.result import FitResult
    from topwork.settings import FitSettings


@with_options
def fit(
    context: typer.Context,
    data: DataPath,
    *,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Where the model goes [DATA.topwork].")
    ] = None,
    settings: FitSettings,
    long: Annotated[
        bool,
        typer.Option("--long", help="Read long texts completely, averaging over windows."),
    ] = False,
    unlabelled: Annotated[
        Path | None,
        typer.Option("--unlabelled", metavar="MORE", help="Items of the same kind without labels."),
    ] = None,
    domain: Annotated[
        Path | None,
        typer.Option(
            "--target",
            metavar="UNLABELLED",
            help="Another camera, site or style without labels, to adapt to.",
        ),
    ] = None,
    reading: TaskSettings,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Train, evaluate and save a model of classes, numbers or boxes."""
    from topwork.cli.screen import Screen
    from topwork.cli.show import show_hints, show_losses
    from topwork.data import BoxTargets, NumberTargets
    from topwork.inductive.fitting import fit as fit_data
    from topwork.tasks.reading import interpreted
    from topwork.trials.resolved import resolved

    if settings.start is not None:
        _check_not_given(context, "backbone", "geometry", "long")
    screen = Screen(json=json, quiet=quiet)
    target = out or Path(f"{data.resolve().name.removesuffix(data.suffix)}.topwork")
    begun = time.monotonic()
    with screen.steps() as steps:
        dataset = interpreted(read_data(data, reading, split="train"), reading.task)
        show_hints(screen, dataset)
        if long:
            settings = _long(resolved(settings, dataset.kind.name))
        if isinstance(dataset.targets, NumberTargets):
            from topwork.cli.numbers.fit_number import fit_number

            beside = {"--target": domain, "--unlabelled": unlabelled}
            read_seconds = time.monotonic() - begun
            fit_number(screen, dataset, settings, steps, target, read_seconds, beside=beside)
            return
        if isinstance(dataset.targets, BoxTargets):
            from topwork.cli.boxes.fit import fit_boxes

            beside = {"--target": domain, "--unlabelled": unlabelled}
            read_seconds = time.monotonic() - begun
            fit_boxes(screen, dataset, settings, steps, target, read_seconds, beside=beside)
            return
        new = None
        if domain is not None:
            from topwork.cli.commands.fit_for_target import read_domain
            from topwork.model import check_target

            check_target(target)
            new = read_domain(domain, dataset, reading)
            show_hints(screen, new)
        _note_left_out(screen, settings, dataset.kind.name)
        read_seconds = time.monotonic() - begun
        place = target if new is None else _beside(target)
        fitted = fit_data(
            dataset,
            settings,
            unlabelled=unlabelled,
            steps=steps,
            save_to=place,
            read_seconds=read_seconds,
        )
    show_losses(screen, dataset, fitted.result.rejected)
    show_fit(screen, fitted.result, stored=settings.cache)
    if new is None:
        screen.result(fitted.result)
        return
    from topwork.cli.commands.fit_for_target import adapt_fitted

    adapted = adapt_fitted(
        screen,
        fitted,
        dataset,
        new,
        out=target,
        settings=settings,
        again=lambda model: following(
            context, "adapt", model=shlex.quote(model), data=shlex.quote(str(domain))
        ),
    )
    screen.result(adapted)


def _note_left_out(screen: Screen, settings: FitSettings, kind: str) -> None:
    from topwork.cli.extras import note_left_out
    from topwork.trials.resolved import needed_to_train

    if settings.strategy == "auto":
        packages = needed_to_train(settings.strategy, kind)
        note_left_out(screen, "Strategies that train layers", packages)
    if settings.thorough:
        note_left_out(screen, "Untrained networks as baselines", ("torch", "timm"))


def _beside(out: Path) -> Path:
    """Where the model of the labelled domain goes, beside the one for the target."""
    return out.with_name(f"{out.name.removesuffix('.topwork')}-source.topwork")


def _long(settings: FitSettings) -> FitSettings:
    from topwork.backbones.windowed import lengthened
    from topwork.errors import ParameterError
    from topwork.settings.fit import AUTO

    if settings.backbone == AUTO:
        raise ParameterError(
            "--long cannot be given together with --backbone auto.",
            remedy="Name the backbone, or leave it out for the usual one.",
        )
    return replace(settings, backbone=lengthened(settings.backbone_name))


def _check_not_given(context: typer.Context, *names: str) -> None:
    """Refuse options that a model which is gone on from decides, even where they are the usual."""
    from topwork.errors import ParameterError

    for name in names:
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            raise ParameterError(
                f"--{name} cannot be given together with --from.",
                remedy="Leave it out: the model's own setting is used, as for the features stored "
                "in it. To change it, fit all images without --from.",
                code="decided_by_start",
            )


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
    from topwork.data import MODALITIES

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
    if result.model:
        if result.previous_model:
            screen.print_line(f"The model that was there before is now {result.previous_model}.")
        screen.print_line(f"Saved {result.model} after {result.seconds.total:.1f} s. Next:")
        screen.print_line(f"  topwork report {shlex.quote(result.model)}", style="bold")
        example = MODALITIES[result.modality].words.example
        screen.print_line(f"  topwork predict {shlex.quote(result.model)} {example}", style="bold")


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
    if result.costs:
        screen.print_line(result.costs.sentence)
