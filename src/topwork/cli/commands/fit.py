"""``topwork fit``: the main job."""

from __future__ import annotations

import shlex
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from topwork.cli.expanded import with_options
from topwork.cli.options import DataPath, Json, Quiet, check_volume
from topwork.cli.repeated import following
from topwork.settings import FitReadingSettings, FitSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from topwork.cli.screen import Screen
    from topwork.data import Dataset
    from topwork.runtime.progress import Steps
    from topwork.settings import FitSettings

DECIDED_BY_START = (
    "backbone",
    "geometry",
    "long",
    "use_columns",
    "image_columns",
    "volume",
    "plane",
)
"""Options that a model which is gone on from decides."""


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
    classes: Annotated[
        str | None,
        typer.Option(
            "--classes",
            metavar="A,B,C",
            help="Items without any label: learn from the names of these classes alone; of images "
            "with a network of the CLIP kind.",
        ),
    ] = None,
    false_alarms: Annotated[
        float | None,
        typer.Option(
            "--false-alarms",
            metavar="RATE",
            help="Fraction of new good parts that may be called anomalous (--task one-class) "
            "[0.05].",
        ),
    ] = None,
    reading: FitReadingSettings,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Train, evaluate and save a model of classes, labels, numbers, boxes or good parts."""
    from topwork.cli.inspection.fit import check_no_false_alarms, fit_good_parts
    from topwork.cli.labelling.fit_names import fit_names
    from topwork.cli.other_fits import other_fit
    from topwork.cli.screen import Screen
    from topwork.cli.show import show_hints, show_losses
    from topwork.cli.shown_fit import show_fit
    from topwork.data.reading.inspection.good_parts import only_good
    from topwork.inductive.fitting import fit as fit_data
    from topwork.tasks.reading import interpreted
    from topwork.trials.resolved import resolved

    if settings.start is not None:
        _check_not_given(context, *DECIDED_BY_START)
    screen = Screen(json=json, quiet=quiet)
    target = out or Path(f"{data.resolve().name.removesuffix(data.suffix)}.topwork")
    begun = time.monotonic()
    if classes is not None:
        fit_names(screen, data, classes, settings, reading, target)
        return
    with screen.steps() as steps:
        dataset = _read_or_fit_rows(
            screen, data, reading, settings, steps, target,
            {"--target": domain, "--unlabelled": unlabelled, "--long": long,
             "--false-alarms": false_alarms},
        )  # fmt: skip
        if dataset is None:
            return
        if reading.task == "one-class" or (reading.task == "auto" and only_good(dataset)):
            fit_good_parts(
                screen,
                dataset,
                settings,
                steps,
                target,
                time.monotonic() - begun,
                false_alarms=false_alarms,
                beside={
                    "--target": domain,
                    "--unlabelled": unlabelled,
                    "--from": settings.start,
                    "--order": reading.order,
                    "--volume": reading.volume or None,
                },
            )
            return
        check_no_false_alarms(false_alarms)
        dataset = interpreted(dataset, reading.asked, order=reading.order)
        show_hints(screen, dataset)
        if long:
            settings = _long(resolved(settings, dataset.kind.name))
        if (other := other_fit(dataset)) is not None:
            beside = {"--target": domain, "--unlabelled": unlabelled}
            other(screen, dataset, settings, steps, target, time.monotonic() - begun, beside=beside)
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
    screen.notes([note for note in fitted.result.notes if note not in dataset.hints])
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


def _read_or_fit_rows(
    screen: Screen,
    data: Path,
    reading: FitReadingSettings,
    settings: FitSettings,
    steps: Steps,
    target: Path,
    beside: Mapping[str, object],
) -> Dataset | None:
    """Images and texts to fit on; None where the rows of a table were, and a model is saved."""
    from topwork.cli.tables.fit import fit_table
    from topwork.cli.tables.reading import ROW, read_rows_or_data

    check_volume(reading, {option: beside[option] for option in ("--target", "--unlabelled")})
    begun = time.monotonic()
    dataset = read_rows_or_data(data, reading, beside=settings.start is None)
    if dataset.kind.name != ROW:
        return dataset
    seconds = time.monotonic() - begun
    options = {
        **beside,
        "--image-columns": reading.image_columns,
        "--volume": reading.volume,
    }
    fit_table(screen, dataset, reading, settings, steps, target, seconds, beside=options)
    return None


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
                f"--{name.replace('_', '-')} cannot be given together with --from.",
                remedy="Leave it out: the model's own setting is used, as for the features stored "
                "in it. To change it, fit all images without --from.",
                code="decided_by_start",
            )
