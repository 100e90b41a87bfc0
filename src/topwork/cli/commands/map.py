"""``topwork map``: a collection in two dimensions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from topwork.cli.expanded import with_options
from topwork.cli.options import ItemKind, Json, Network, Quiet
from topwork.cli.outputs import check_page
from topwork.runtime.counted import counted
from topwork.settings import FeatureSettings, TableSettings

if TYPE_CHECKING:
    from topwork.cli.screen import Screen
    from topwork.unsupervised.maps import MapResult


@with_options
def draw_map(
    data: Annotated[
        Path,
        typer.Argument(
            metavar="DATA", help="A folder or table; or a saved model, for the items of its fit."
        ),
    ],
    *,
    out: Annotated[Path, typer.Option("--out", "-o", help="Where the page goes.")] = Path(
        "map.html"
    ),
    backbone: Network = None,
    model: Annotated[
        Path | None, typer.Option("--model", help="Use the network of a saved model.")
    ] = None,
    kind: ItemKind = "auto",
    settings: FeatureSettings,
    reading: TableSettings,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Draw a map of images or texts on one page, similar ones side by side."""
    from topwork.cli.screen import Screen
    from topwork.installation import require
    from topwork.intake.collection import collect
    from topwork.unsupervised.maps import map_items

    require("A map", ("openTSNE",))
    check_page(out, data)
    screen = Screen(json=json, quiet=quiet)
    with screen.steps() as steps:
        collection = collect(
            data,
            settings,
            backbone=backbone,
            model=model,
            kind=kind,
            columns=reading.columns,
            header=reading.header,
            root=reading.root,
            lines=reading.lines,
            labelled=True,
            progress=steps("Features"),
        )
        drawn = map_items(
            collection,
            out,
            title=data.resolve().name,
            seed=settings.seed,
            progress=steps("Thumbnails"),
        )
    screen.result(drawn)
    _show(screen, drawn)


def _show(screen: Screen, drawn: MapResult) -> None:
    from topwork.cli.show import show_reading, show_rejected

    kind = str(drawn.modality)
    if not screen.json:
        show_rejected(screen, drawn.rejected)
        for note in drawn.notes:
            screen.note(f"Note: {note}")
    show_reading(screen, drawn, kind)
    colours = f", coloured by {', '.join(drawn.coloured_by)}" if drawn.coloured_by else ""
    screen.print_line(
        f"{counted(drawn.n_items, kind)} on the map{colours}; by the features of {drawn.backbone}."
    )
    if 0 < drawn.n_thumbnails < drawn.n_items:
        screen.print_line(f"The page holds {drawn.n_thumbnails:,} of the images.")
    screen.print_line(f"  {drawn.path}", style="bold")
