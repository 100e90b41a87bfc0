"""``topwork label``: a page for labelling."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from topwork.cli.expanded import with_options
from topwork.cli.options import ItemKind, Json, Network, Quiet
from topwork.runtime.counted import counted
from topwork.settings import FeatureSettings, TableSettings

if TYPE_CHECKING:
    from topwork.cli.screen import Screen
    from topwork.labelling.annotation.result import LabelResult


@with_options
def label(
    data: Annotated[
        Path, typer.Argument(metavar="DATA", help="A folder or table of images or texts.")
    ],
    *,
    classes: Annotated[
        str | None,
        typer.Option("--classes", metavar="A,B,C", help="The classes; more can be added later."),
    ] = None,
    out: Annotated[
        Path,
        typer.Option(
            "--out", "-o", metavar="TABLE", help="The labels; what it holds is picked up."
        ),
    ] = Path("labels.csv"),
    task: Annotated[
        Literal["classes", "labels", "ordinal", "boxes"],
        typer.Option(
            "--task",
            help="What an item gets: one class, several labels, one of ordered classes (those of "
            "--classes, from low to high), or boxes.",
        ),
    ] = "classes",
    audit: Annotated[
        int | None,
        typer.Option(
            "--audit",
            min=0,
            metavar="N",
            help="Ask first about N random items that measure accuracy [60, at most a fifth].",
        ),
    ] = None,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="On 127.0.0.1 [a free one].")
    ] = 0,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the page in a browser.")
    ] = True,
    model: Annotated[
        Path | None,
        typer.Option("--model", metavar="MODEL", help="Propose what this saved model says."),
    ] = None,
    backbone: Network = None,
    kind: ItemKind = "auto",
    settings: FeatureSettings,
    reading: TableSettings,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Label images or texts on a page that asks about the most useful ones first."""
    from topwork.cli.screen import Screen
    from topwork.labelling.opening import open_labelling

    screen = Screen(json=json, quiet=quiet)
    labelling = open_labelling(
        data,
        out,
        form=task,
        classes=[name.strip() for name in (classes or "").split(",") if name.strip()],
        audit=audit,
        settings=settings,
        backbone=backbone,
        model=model,
        kind=kind,
        columns=reading.columns,
        header=reading.header,
        root=reading.root,
        lines=reading.lines,
    )

    def opened(address: str) -> None:
        typer.echo(f"Label on {address}", err=True)
        typer.echo("Done is a button of the page; Ctrl-C here does the same.", err=True)
        if browser:
            import webbrowser

            webbrowser.open(address)

    labelling.serve(port=port, opened=opened)
    found = labelling.result()
    screen.result(found)
    _show(screen, found, labelling.sitting.state().sentences)


def _show(screen: Screen, found: LabelResult, sentences: Sequence[str]) -> None:
    kind = str(found.modality)
    for note in found.notes:
        screen.note(f"Note: {note}")
    rows = [(name, f"{n:,}") for name, n in found.classes.items()]
    if rows:
        screen.table(("class", "labels"), rows)
    screen.print_line(f"{found.n_labelled:,} of {counted(found.n_items, kind)} labelled.")
    if found.n_audit_left:
        screen.print_line(
            f"{found.n_audit_left} of the {found.n_audit} drawn at random to measure accuracy are "
            "left."
        )
    for sentence in sentences:
        screen.print_line(sentence)
    screen.print_line(f"  topwork fit {found.out}", style="bold")
