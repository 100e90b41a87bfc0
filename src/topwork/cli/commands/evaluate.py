"""``topwork evaluate``: an honest number on other data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from topwork.cli.class_evaluation import show_evaluation, write_wrong
from topwork.cli.expanded import with_options
from topwork.cli.options import DataPath, Json, ModelPath, Quiet, Seed, read_data
from topwork.cli.outputs import check_page, check_table
from topwork.cli.repeated import following, repeated
from topwork.settings import ReadingSettings

if TYPE_CHECKING:
    from topwork.model import Evaluation


@with_options
def evaluate(
    context: typer.Context,
    model: ModelPath,
    data: DataPath,
    *,
    page: Annotated[
        Path | None,
        typer.Option("--page", help="Write an HTML page: scores, classes, errors."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Write a CSV table of the errors there."),
    ] = None,
    reading: ReadingSettings,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Don't store features.")] = False,
    seed: Seed = 0,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Evaluate a model on other labelled items; of splits, the test split is taken."""
    from topwork.cli.screen import Screen
    from topwork.cli.show import show_hints, show_losses
    from topwork.model import (
        ClusterModel,
        DetectorModel,
        HeadModel,
        InspectorModel,
        LabelsModel,
        RowClusterModel,
        TableModel,
        load,
    )

    screen = Screen(json=json, quiet=quiet)
    check_table(out, data)
    check_page(page, data)
    with screen.steps() as steps:
        loaded = load(model)
        if isinstance(loaded, RowClusterModel):
            from topwork.cli.clusters.known_values import no_evaluation

            raise no_evaluation()
        if isinstance(loaded, TableModel):
            from topwork.cli.tables.evaluate import evaluate_table

            evaluate_table(
                screen,
                loaded,
                reading,
                names=(model, data),
                progress=steps("Predicting"),
                page=page,
                out=out,
            )
            return
        if isinstance(loaded, ClusterModel):
            from topwork.cli.clusters.evaluate import evaluate_clusters

            evaluate_clusters(screen, loaded, model, data)
            return
        if isinstance(loaded, InspectorModel):
            from topwork.cli.inspection.evaluate import evaluate_inspector

            evaluate_inspector(
                screen,
                loaded,
                reading,
                names=(model, data),
                progress=steps("Predicting"),
                page=page,
                out=out,
            )
            return
        kind = loaded.card.kind if reading.wanted == "auto" else reading.wanted
        dataset = read_data(
            data,
            reading,
            split="test_or_all",
            items=kind,
            task="labels" if isinstance(loaded, LabelsModel) else None,
            fitted=loaded.card,
        )
        show_hints(screen, dataset)
        dataset = dataset.read_by(loaded.kind, str(model))
        if isinstance(loaded, DetectorModel):
            from topwork.cli.boxes.evaluate import evaluate_boxes

            evaluate_boxes(
                screen,
                loaded,
                dataset,
                names=(model, data),
                progress=steps("Predicting"),
                page=page,
                out=out,
                again=repeated(context, page="errors.html"),
            )
            return
        if isinstance(loaded, HeadModel):
            from topwork.cli.heads.by_task import evaluation_of
            from topwork.cli.heads.evaluate import evaluate_and_show

            evaluate_and_show(
                evaluation_of(loaded.card.task),
                screen,
                loaded,
                dataset,
                names=(model, data),
                progress=steps("Predicting"),
                page=page,
                out=out,
                cache=not no_cache,
            )
            return
        found, judged = loaded.evaluate_items(
            dataset, seed=seed, cache=not no_cache, progress=steps("Predicting")
        )
    found = found.model_copy(update={"model": str(model)})
    steps_next = next_steps(found, context, page)
    if out is not None:
        write_wrong(out, judged, dataset)
    if page is not None:
        from topwork.reporting.evaluation_page import evaluation_page

        title = f"{model.name} on {data.name}"
        predicted = evaluation_page(found, judged, dataset, title=title, next_steps=steps_next)
        page.write_text(predicted, encoding="utf-8", errors="replace")
    screen.result(found)
    show_losses(screen, dataset, found.rejected)
    show_evaluation(screen, found)
    for file, what in ((out, "the wrong predictions"), (page, "the page")):
        if file is not None:
            screen.print_line(f"Wrote {what} to {file}.")
    for step in steps_next:
        screen.print_line(step)


def next_steps(found: Evaluation, context: typer.Context, page: Path | None) -> tuple[str, ...]:
    """What to do now, with the command to type."""
    from topwork.data import MODALITIES

    wrong = found.scores.accuracy.value < 1
    if wrong and found.shift and found.shift.noticeable and MODALITIES[found.modality].adapts:
        return (
            "Next: adapt the model to data like these, without labels: "
            f"{following(context, 'adapt')}",
        )
    if wrong and page is None:
        return (f"Next: see what is predicted wrongly: {repeated(context, page='errors.html')}",)
    return ()
