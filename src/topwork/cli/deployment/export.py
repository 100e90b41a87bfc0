"""``topwork export``: a model for another runtime."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from topwork.cli.options import Json, ModelPath, Quiet, Seed
from topwork.runtime.counted import counted

if TYPE_CHECKING:
    from topwork.cli.screen import Screen
    from topwork.deployment.export.result import ExportResult


def export(
    model: ModelPath,
    *,
    to: Annotated[
        str,
        typer.Option(
            "--to",
            help="onnx, openvino, keras, savedmodel, litert; for servers ovms, triton, docker, "
            "hf, ray.",
        ),
    ] = "onnx",
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FOLDER", help="Where it goes [MODEL-FORMAT]."),
    ] = None,
    images: Annotated[
        Path | None,
        typer.Option(
            "--images",
            metavar="DATA",
            help="Images or texts to compare both on [those of the fit].",
        ),
    ] = None,
    half: Annotated[
        bool,
        typer.Option(
            "--half", help="Store weights in float16, if probabilities differ by at most 0.01."
        ),
    ] = False,
    int8: Annotated[
        bool,
        typer.Option("--int8", help="Insist on 8-bit integers: of a model fitted with --int8."),
    ] = False,
    seed: Seed = 0,  # noqa: ARG001  every command takes it; nothing here is random
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write a model for another runtime, if it gives the same there."""
    from topwork.cli.screen import Screen
    from topwork.deployment.export.exporting import export_model

    screen = Screen(json=json, quiet=quiet)
    with screen.steps() as steps:
        result = export_model(
            model, to, out, items=images, half=half, int8=int8, progress=steps("Comparing")
        )
    screen.result(result)
    _show(screen, result)


def _show(screen: Screen, result: ExportResult) -> None:
    flipped = counted(result.labels_flipped, "prediction")
    screen.print_line(
        f"{result.runtime} gives the same: on {counted(result.n, 'input')} ({result.n_items:,} "
        f"yours) outputs differ by {result.max_difference:.1e} of their range at most, "
        f"{flipped} changed."
    )
    for note in result.notes:
        screen.note(f"Note: {note}")
    screen.print_line(f"  {result.file}", style="bold")
