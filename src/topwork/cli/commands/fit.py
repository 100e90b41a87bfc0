"""``topwork fit``: the main job."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from topwork.cli.options import (
    Columns,
    Exclude,
    FormerKind,
    Groups,
    Json,
    Kind,
    LabelColumn,
    LabelsFile,
    Layout,
    Lines,
    NamesFile,
    NoHeader,
    Quiet,
    Root,
    Seed,
    Task,
)
from topwork.runtime.counted import counted

if TYPE_CHECKING:
    from topwork.cli.screen import Screen
    from topwork.reporting.result import FitResult
    from topwork.settings import FitSettings


def fit(
    context: typer.Context,
    data: Annotated[Path, typer.Argument(metavar="DATA", help="Class folders, or a table.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Where the model goes [DATA.topwork].")
    ] = None,
    backbone: Annotated[
        str | None,
        typer.Option(
            "--backbone",
            help="SOURCE:NAME, with @FILE for local weights; or auto. "
            "[packaged:efficientnet_lite0 for images, packaged:all-minilm-l6-v2 for texts]",
        ),
    ] = None,
    geometry: Annotated[
        str, typer.Option("--geometry", help="squeeze, pad or crop images to a square.")
    ] = "squeeze",
    balanced: Annotated[
        bool, typer.Option("--balanced", help="Weight all classes equally.")
    ] = False,
    folds: Annotated[int, typer.Option("--folds", help="Folds of the cross-validation.")] = 5,
    max_bad: Annotated[
        float, typer.Option("--max-bad", help="Fraction of items that may be unreadable.")
    ] = 0.05,
    engine: Annotated[str, typer.Option("--engine", help="auto, openvino or torch.")] = "auto",
    int8: Annotated[
        bool,
        typer.Option("--int8", help="Quantise to int8 if cross-validation shows no loss."),
    ] = False,
    strategy: Annotated[
        str,
        typer.Option("--strategy", help="probe, partial, full, lora, pairs (of texts), or auto."),
    ] = "probe",
    long: Annotated[
        bool,
        typer.Option("--long", help="Read long texts completely, averaging over windows."),
    ] = False,
    minutes: Annotated[float, typer.Option("--minutes", help="Time budget of auto.")] = 10.0,
    no_baselines: Annotated[
        bool, typer.Option("--no-baselines", help="Skip the baseline models.")
    ] = False,
    thorough: Annotated[
        bool,
        typer.Option(
            "--thorough", help="Repeat cross-validation three times and estimate a learning curve."
        ),
    ] = False,
    start: Annotated[
        Path | None,
        typer.Option(
            "--from", metavar="MODEL", help="Continue from a model with new classes or images."
        ),
    ] = None,
    unlabelled: Annotated[
        Path | None,
        typer.Option(
            "--unlabelled", metavar="MORE", help="Images of the same kind without labels."
        ),
    ] = None,
    domain: Annotated[
        Path | None,
        typer.Option(
            "--target",
            metavar="UNLABELLED",
            help="Another camera, site or style without labels, to adapt to.",
        ),
    ] = None,
    cost: Annotated[
        list[str] | None,
        typer.Option(
            "--cost",
            metavar="LABEL=COST",
            help="Cost of misclassifying this class (two classes only), e.g. sick=10.",
        ),
    ] = None,
    no_name_groups: Annotated[
        bool,
        typer.Option(
            "--no-name-groups",
            help="Don't group items that seem to come from one original.",
        ),
    ] = False,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Don't store features.")] = False,
    label: LabelColumn = None,
    task: Task = "auto",
    columns: Columns = None,
    no_header: NoHeader = None,
    kind: Kind = "auto",
    items: FormerKind = None,
    layout: Layout = "auto",
    groups: Groups = None,
    exclude: Exclude = None,
    root: Root = None,
    lines: Lines = False,
    labels: LabelsFile = None,
    names: NamesFile = None,
    seed: Seed = 0,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Train, evaluate and save a model of classes or numbers."""
    from topwork.backbones import DEFAULT_BACKBONE, DEFAULT_FOR
    from topwork.cli.options import columns_with_label, header_names, label_costs
    from topwork.cli.screen import Screen
    from topwork.cli.show import show_hints, show_losses
    from topwork.data import NumberTargets
    from topwork.inductive.fitting import fit as fit_data
    from topwork.settings import FitSettings
    from topwork.tasks.reading import read_as

    settings = FitSettings(
        backbone=backbone or DEFAULT_BACKBONE,
        geometry=geometry,  # type: ignore[arg-type]
        class_weight="balanced" if balanced else None,
        n_folds=folds,
        max_bad=max_bad,
        engine=engine,  # type: ignore[arg-type]
        cache=not no_cache,
        int8=int8,
        strategy=strategy,  # type: ignore[arg-type]
        minutes=minutes,
        baselines=not no_baselines,
        thorough=thorough,
        costs=label_costs(cost),
        seed=seed,
        start=start,
        unlabelled=unlabelled,
        name_groups=not no_name_groups,
    )
    if start is not None:
        _check_not_given(context, "backbone", "geometry", "long")
    screen = Screen(json=json, quiet=quiet)
    target = out or Path(f"{data.resolve().name.removesuffix(data.suffix)}.topwork")
    named = columns_with_label(columns, label)
    begun = time.monotonic()
    with screen.steps() as steps:
        dataset = read_as(
            task,  # type: ignore[arg-type]
            data,
            split="train",
            columns=named,
            header=header_names(no_header),
            layout=layout,
            groups=groups,
            exclude=exclude or (),
            root=root,
            lines=lines,
            labels=labels,
            names=names,
            items=items or kind,
        )
        show_hints(screen, dataset)
        if backbone is None and start is None:
            settings = replace(settings, backbone=DEFAULT_FOR[dataset.kind.name])
        if long:
            settings = replace(settings, backbone=_long(settings.backbone))
        if isinstance(dataset.targets, NumberTargets):
            from topwork.cli.commands.fit_number import fit_number

            read_seconds = time.monotonic() - begun
            fit_number(screen, dataset, settings, steps, target, read_seconds, target_domain=domain)
            return
        new = None
        if domain is not None:
            from topwork.cli.commands.fit_for_target import read_domain
            from topwork.model import check_target

            check_target(target)
            header = header_names(no_header)
            new = read_domain(domain, dataset, columns=named, header=header, lines=lines)
            show_hints(screen, new)
        _note_left_out(screen, settings, dataset.kind.name)
        read_seconds = time.monotonic() - begun
        place = target if new is None else _beside(target)
        fitted = fit_data(dataset, settings, steps=steps, save_to=place, read_seconds=read_seconds)
    show_losses(screen, dataset, fitted.result.rejected)
    show_fit(screen, fitted.result)
    if new is None:
        screen.result(fitted.result)
        return
    from topwork.cli.commands.fit_for_target import adapt_fitted

    screen.result(adapt_fitted(screen, fitted, dataset, new, out=target, settings=settings))


def _note_left_out(screen: Screen, settings: FitSettings, kind: str) -> None:
    from topwork.cli.extras import note_left_out
    from topwork.settings import needed_to_train

    if settings.strategy == "auto":
        packages = needed_to_train(settings.strategy, kind)
        note_left_out(screen, "Strategies that train layers", packages)
    if settings.thorough:
        note_left_out(screen, "Untrained networks as baselines", ("torch", "timm"))


def _beside(out: Path) -> Path:
    """Where the model of the labelled domain goes, beside the one for the target."""
    return out.with_name(f"{out.name.removesuffix('.topwork')}-source.topwork")


def _long(backbone: str) -> str:
    from topwork.backbones.windowed import lengthened
    from topwork.errors import ParameterError
    from topwork.settings import AUTO

    if backbone == AUTO:
        raise ParameterError(
            "--long cannot be given together with --backbone auto.",
            remedy="Name the backbone, or leave it out for the usual one.",
        )
    return lengthened(backbone)


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


def show_fit(screen: Screen, result: FitResult) -> None:
    """The result of a fit, for people."""
    from topwork.cli.show import show_classes, show_scores
    from topwork.data import MODALITIES

    _show_items(screen, result)
    screen.say(f"Backbone {result.backbone}, {_TRAINED[result.strategy]}; {result.head} head.")
    if result.ranking:
        screen.say(
            f"{result.ranking.reason} Selected from {len(result.ranking.backbones)} backbones "
            f"on the same {result.kind}s, so the score below is slightly optimistic."
        )
    if result.int8:
        screen.say(result.int8.sentence)
    if result.scores is None:
        screen.say(
            f"Performance can't be estimated from one {result.kind} per class.", style="bold"
        )
    else:
        show_scores(screen, result.scores)
        show_classes(screen, result.per_class)
        screen.say(
            "Measured by cross-validation of the whole procedure. The intervals hold for "
            f"{result.kind}s like these."
        )
        judged = next((t.n_items for t in result.tried if t.chosen), result.n_items)
        if judged < result.n_items:
            screen.say(
                f"There was time to evaluate it on {judged} of the {result.n_items} "
                f"{result.kind}s; more --minutes give a narrower interval."
            )
    _show_comparisons(screen, result)
    if result.precision_check and result.precision_check.sentence:
        screen.note(f"Warning: {result.precision_check.sentence}")
    screen.say(result.unknown.sentence)
    if result.model:
        if result.earlier_model:
            screen.say(f"The model that was there before is now {result.earlier_model}.")
        screen.say(f"Saved {result.model} after {result.seconds.total:.1f} s. Next:")
        screen.say(f"  topwork report {result.model}", style="bold")
        example = MODALITIES[result.kind].words.example
        screen.say(f"  topwork predict {result.model} {example}", style="bold")


def _show_items(screen: Screen, result: FitResult) -> None:
    from topwork.backbones.windowed import LONG
    from topwork.cli.show import show_reading, show_rejected, show_remarks
    from topwork.data.texts.truncated import truncated

    if not screen.json:
        show_rejected(screen, result.rejected)
    show_remarks(screen, result.remarks)
    show_reading(screen, result, result.kind)
    items = f"{result.kind}s"
    counts, copies, gone_on = result.features, result.duplicates, result.going_on
    speed = f" at {result.images_per_second:.0f} {items}/s" if counts.computed else ""
    what = counted(result.n_items, result.kind)
    if gone_on:
        what = f"{gone_on.n_new} new {items} and {gone_on.n_remembered} stored ones"
    screen.say(
        f"{what} of {counted(result.n_classes, 'class', 'classes')}; features of {counts.computed} "
        f"computed{speed}, of {counts.cached} read from the store."
    )
    if result.cut_short:
        screen.say(
            f"{truncated(result.cut_short)}{'' if LONG in result.asked else ' (use --long)'}."
        )
    if copies.n_groups:
        screen.say(
            f"Duplicates: {copies.n_items} {items} in {counted(copies.n_groups, 'group')}, each in "
            f"one fold; groups with conflicting labels: {copies.n_conflicts}."
        )
    if result.families:
        screen.say(result.families.sentence, style="bold")


def _show_comparisons(screen: Screen, result: FitResult) -> None:
    from topwork.cli.show import show_going_on, show_rejected, show_tried
    from topwork.search.known_rungs import rungs_above
    from topwork.search.ladder import ladder_sentences

    if result.going_on:
        show_going_on(screen, result.going_on)
    else:
        show_tried(screen, result.tried)
    if result.transfer:
        screen.say(result.transfer.sentence, style="bold")
    if result.choice:
        screen.say(result.choice.reason)
    above = not result.going_on and bool(rungs_above(result.asked, result.kind))
    for sentence in ladder_sentences(result.ladder):
        screen.say(sentence)
    if above and not result.ladder:
        screen.say("--strategy auto may do better in about 10 min.")
    if result.unlabelled:
        show_rejected(screen, result.unlabelled.rejected)
        screen.say(result.unlabelled.sentence)
    if result.learning_curve:
        screen.say(result.learning_curve.sentence)
    if result.costs:
        screen.say(result.costs.sentence)
