"""``topwork predict``: labels with probabilities."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from topwork.cli.class_predictions import (
    by_class,
    shortened,
    show_predictions,
    write_predictions,
)
from topwork.cli.expanded import with_options
from topwork.cli.options import Json, ModelPath, Quiet, Seed
from topwork.cli.outputs import check_folder, check_table
from topwork.settings import TableSettings

if TYPE_CHECKING:
    from topwork.data import ModalityName


@with_options
def predict(
    model: ModelPath,
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT...",
            help="Images or texts, folders or tables; - reads texts from standard input, one per "
            "line, or an image.",
        ),
    ],
    *,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write a CSV table of the predictions there.")
    ] = None,
    draw: Annotated[
        Path | None,
        typer.Option("--draw", help="Draw the boxes of a detector into images in this folder."),
    ] = None,
    maps: Annotated[
        Path | None,
        typer.Option("--map", help="Write heat maps of inspected parts into this folder."),
    ] = None,
    threshold: Annotated[
        float | None,
        typer.Option(
            "--threshold", min=0.0, max=1.0, help="Least probability of a box [the model's own]."
        ),
    ] = None,
    top: Annotated[int, typer.Option("--top", min=1, help="Classes listed for each item.")] = 5,
    reading: TableSettings,
    seed: Seed = 0,  # noqa: ARG001  every command takes it; nothing here is random
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Predict classes or labels with probabilities, numbers with intervals, boxes or clusters."""
    from topwork.cli.prediction import check_named, predict_result
    from topwork.cli.screen import Screen
    from topwork.data import expanded_items, read_items
    from topwork.errors import ParameterError
    from topwork.model import (
        ClusterModel,
        DetectorModel,
        HeadModel,
        InspectorModel,
        LinearModel,
        RowClusterModel,
        TableModel,
        load,
    )

    screen = Screen(json=json, quiet=quiet)
    check_table(out, *inputs)
    check_folder(maps)
    check_folder(draw)
    with screen.steps() as steps:
        loaded = load(model)
        if maps is not None and not isinstance(loaded, InspectorModel):
            raise ParameterError(
                "--map works for models that inspect parts, and this one doesn't.",
                remedy="Leave it out.",
                code="one_class_only",
            )
        if isinstance(loaded, RowClusterModel | TableModel):
            from topwork.cli.tables.predict import predict_table

            _check_no_boxes(draw, threshold)
            predict_table(screen, loaded, inputs, reading.header, out, top=top)
            return
        check_named(inputs, inline=loaded.kind.inline)
        skipped: Counter[str] = Counter()
        notes: list[str] = []
        items = expanded_items(
            read_items(
                [value for text in inputs for value in _named(text, loaded.card.kind)],
                columns=loaded.card.columns_read(reading.columns),
                header=reading.header,
                kind=loaded.card.kind,
                notes=notes,
                ignored=skipped,
                lines=reading.lines,
                root=reading.root,
            ),
            skipped,
            plane=loaded.card.appearance.plane,
            notes=notes,
        )
        notes += loaded.notes_on(items) if isinstance(loaded, LinearModel) else []
        screen.notes(notes)
        if isinstance(loaded, DetectorModel):
            from topwork.cli.boxes.predict import predict_boxes

            progress = steps("Predicting")
            ignored = dict(skipped)
            predict_boxes(screen, loaded, items, progress, out, draw, threshold, ignored, notes)
            return
        _check_no_boxes(draw, threshold)
        if isinstance(loaded, InspectorModel):
            from topwork.cli.inspection.predict import predict_parts

            progress = steps("Predicting")
            predict_parts(screen, loaded, items, progress, out, maps, dict(skipped), notes)
            return
        if isinstance(loaded, HeadModel):
            from topwork.cli.heads.by_task import prediction_of
            from topwork.cli.heads.predict import predict_and_show

            shown, progress = prediction_of(loaded.card.task), steps("Predicting")
            predict_and_show(shown, screen, loaded, items, progress, out, dict(skipped), notes)
            return
        if isinstance(loaded, ClusterModel):
            from topwork.cli.clusters.predict import predict_clusters

            predict_clusters(screen, loaded, items, steps("Predicting"), out, dict(skipped), notes)
            return
        every = top if out is None else max(top, len(loaded.labels))
        result = predict_result(loaded, items, every, steps("Predicting"))
        result = result.model_copy(update={"skipped": dict(skipped), "notes": notes})
    if out is not None:
        write_predictions(out, result.predictions, by_class(loaded.labels, result.predictions))
        result = shortened(result, top)
    screen.result(result)
    show_predictions(screen, result, out)


def _check_no_boxes(draw: Path | None, threshold: float | None) -> None:
    """Refuse what only detectors can do."""
    from topwork.errors import ParameterError

    for option, given in (("--draw", draw), ("--threshold", threshold)):
        if given is not None:
            raise ParameterError(
                f"{option} works for models that find objects, and this one doesn't.",
                remedy="Leave it out.",
                code="boxes_only",
            )


def _named(text: str, kind: ModalityName) -> list[Any]:
    """One input; of a model for texts, what is there or looks like it is a file or folder."""
    if text == "-":
        return _standard_input(kind)
    from topwork.data import MODALITIES, looks_like_a_file

    is_file = MODALITIES[kind].inline and (_is_there(text) or looks_like_a_file(text))
    return [Path(text) if is_file else text]


def _standard_input(kind: ModalityName) -> list[Any]:
    """The lines of standard input, each a text or a path; or the bytes of one image."""
    import sys

    from topwork.data import MODALITIES, Item
    from topwork.errors import DataError

    inline = MODALITIES[kind].inline
    data = sys.stdin.buffer.read()
    try:
        lines = [line.strip() for line in data.decode("utf-8-sig").split("\n") if line.strip()]
    except UnicodeDecodeError as error:
        if not inline:
            return [Item("-", value=data)]
        raise DataError(
            f"Standard input is not in UTF-8 (byte {error.start}).",
            remedy="Convert it, as with iconv -f ENCODING -t UTF-8.",
        ) from error
    if not lines:
        raise DataError("Standard input is empty.", remedy=f"Send {kind}s, one per line.")
    if not inline:
        return lines
    return [Item(f"line {n}", value=line) for n, line in enumerate(lines, start=1)]


def _is_there(name: str) -> bool:
    try:
        return bool(name) and Path(name).exists()  # no name at all would be the current folder
    except (OSError, ValueError):  # too long for a name, or a zero byte
        return False
