"""``topwork export-labels`` and ``topwork import-labels``: labels of other labelling tools."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from topwork.cli.expanded import with_options
from topwork.cli.options import Json, Quiet
from topwork.runtime.counted import counted
from topwork.settings.choices import LabellingTool

if TYPE_CHECKING:
    from topwork.cli.screen import Screen
    from topwork.labelling.exchange.exchanged import ExchangeResult


@with_options
def export_labels(
    labels: Annotated[
        Path, typer.Argument(metavar="TABLE", help="The labels: columns path (or text), label.")
    ],
    *,
    to: Annotated[
        LabellingTool, typer.Option("--to", help="label-studio or cvat.")
    ] = "label-studio",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="[beside the table].")
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write labels as Label Studio or CVAT import them."""
    from topwork.cli.screen import Screen
    from topwork.labelling import exchange

    screen = Screen(json=json, quiet=quiet)
    found = exchange.export_labels(labels, out, to=to)
    screen.result(found)
    _show(screen, found)
    if found.config is not None:
        screen.print_line("The labelling interface for the project's settings:")
        screen.print_line(found.config)


@with_options
def import_labels(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The export: JSON or XML.")],
    *,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="TABLE", help="The labels.")] = Path(
        "labels.csv"
    ),
    root: Annotated[
        Path, typer.Option("--root", metavar="DIR", help="The folder with the images.")
    ] = Path(),
    tool: Annotated[
        LabellingTool | None,
        typer.Option("--from", help="label-studio or cvat [told by the ending]."),
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write the labels of an export of Label Studio or CVAT into a table."""
    from topwork.cli.screen import Screen
    from topwork.labelling import exchange

    screen = Screen(json=json, quiet=quiet)
    found = exchange.import_labels(file, out, root=root, tool=tool)
    screen.result(found)
    _show(screen, found)
    screen.print_line(f"Next: topwork fit {found.out}")


def _show(screen: Screen, found: ExchangeResult) -> None:
    for note in found.notes:
        screen.note(f"Note: {note}")
    screen.print_line(
        f"{counted(found.n_items, 'item')} of {counted(len(found.classes), 'class')}."
    )
    screen.print_line(f"  {found.out}", style="bold")
