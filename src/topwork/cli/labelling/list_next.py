"""``topwork next``: which items to label next."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from topwork.cli.expanded import with_options
from topwork.cli.options import ItemKind, Json, Network, Quiet
from topwork.cli.outputs import check_table
from topwork.runtime.counted import counted
from topwork.settings import FeatureSettings, TableSettings

if TYPE_CHECKING:
    from topwork.cli.screen import Screen
    from topwork.labelling import NextResult


@with_options
def list_next(
    data: Annotated[
        Path, typer.Argument(metavar="DATA", help="A folder or table of images or texts.")
    ],
    *,
    labels: Annotated[
        Path | None,
        typer.Option(
            "--labels", metavar="TABLE", help="The labels so far: columns path (or text), label."
        ),
    ] = None,
    n: Annotated[int, typer.Option("-n", min=1, help="How many items.")] = 20,
    classes: Annotated[
        str | None,
        typer.Option("--classes", metavar="A,B,C", help="The classes, if all of them are known."),
    ] = None,
    audit: Annotated[
        int,
        typer.Option(
            "--audit",
            min=0,
            metavar="N",
            help="Set N random items apart, to measure accuracy with; they come first.",
        ),
    ] = 0,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="TABLE", help="Write a table to fill in."),
    ] = None,
    backbone: Network = None,
    kind: ItemKind = "auto",
    settings: FeatureSettings,
    reading: TableSettings,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """List the items that are most useful to label next."""
    from topwork.cli.screen import Screen
    from topwork.labelling import next_items

    screen = Screen(json=json, quiet=quiet)
    check_table(out, data)
    if out is not None and labels is not None:
        check_table(out, labels)
    with screen.steps() as steps:
        found = next_items(
            data,
            labels,
            n=n,
            classes=[name.strip() for name in (classes or "").split(",") if name.strip()],
            audit=audit,
            settings=settings,
            backbone=backbone,
            progress=steps("Features"),
            kind=kind,
            columns=reading.columns,
            header=reading.header,
            root=reading.root,
            lines=reading.lines,
        )
    if out is not None:
        _write(out, found)
        found = found.model_copy(update={"out": str(out)})
    screen.result(found)
    _show(screen, found)


def _write(table: Path, found: NextResult) -> None:
    from topwork.data.tables.cells import inert, inert_path, write_table

    texts = any(item.text is not None for item in found.items)
    write_table(
        table,
        ("text" if texts else "path", "label", "why"),
        (
            (inert(item.text or "") if texts else inert_path(item.path), "", inert(item.why))
            for item in found.items
        ),
    )


def _show(screen: Screen, found: NextResult) -> None:
    from topwork.cli.show import show_reading, show_rejected

    kind = str(found.modality)
    if not screen.json:
        show_rejected(screen, found.rejected)
        for note in found.notes:
            screen.note(f"Note: {note}")
    show_reading(screen, found, kind)
    rows = [(item.path if item.text is None else item.text, item.why) for item in found.items]
    screen.table((kind, "why"), rows, folded=False)
    screen.print_line(
        f"{found.n_labelled:,} of {counted(found.n_items, kind)} labelled; compared by the "
        f"features of {found.backbone}."
    )
    if found.out is not None:
        screen.print_line(f"  {found.out}", style="bold")
