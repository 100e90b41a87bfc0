"""``topwork search``: the nearest images or texts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from topwork.cli.expanded import with_options
from topwork.cli.options import ItemKind, Json, Network, Quiet
from topwork.runtime.counted import counted
from topwork.settings import FeatureSettings, TableSettings

if TYPE_CHECKING:
    from topwork.cli.screen import Screen
    from topwork.unsupervised.retrieval import SearchResult

SHOWN = 3
"""Copies that are named beside a result."""


@with_options
def search(
    data: Annotated[
        Path,
        typer.Argument(
            metavar="DATA", help="A folder or table; or a saved model, for the items of its fit."
        ),
    ],
    query: Annotated[str, typer.Argument(metavar="QUERY", help="An image, a text, or its file.")],
    *,
    top: Annotated[int, typer.Option("--top", min=1, help="How many results.")] = 10,
    include_query: Annotated[
        bool, typer.Option("--include-query", help="Show the query, too, if it is in the data.")
    ] = False,
    copies: Annotated[
        bool, typer.Option("--copies", help="Show each copy as a result of its own.")
    ] = False,
    backbone: Network = None,
    model: Annotated[
        Path | None, typer.Option("--model", help="Use the network of a saved model.")
    ] = None,
    towers: Annotated[
        str | None,
        typer.Option("--towers", help="A CLIP or SigLIP network: images are found by text, too."),
    ] = None,
    kind: ItemKind = "auto",
    settings: FeatureSettings,
    reading: TableSettings,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Find the images or texts that are nearest to one."""
    from topwork.cli.screen import Screen
    from topwork.unsupervised.retrieval import SearchIndex

    screen = Screen(json=json, quiet=quiet)
    with screen.steps() as steps:
        index = SearchIndex.open(
            data,
            backbone=backbone,
            model=model,
            towers=towers,
            kind=kind,
            columns=reading.columns,
            header=reading.header,
            root=reading.root,
            lines=reading.lines,
            geometry=settings.geometry,
            engine=settings.engine,
            cache=settings.cache,
            max_bad=settings.max_bad,
            progress=steps("Features"),
        )
        found = index.search(query, top=top, include_query=include_query, collapse=not copies)
    screen.result(found)
    _show(screen, found)


def _show(screen: Screen, found: SearchResult) -> None:
    from topwork.cli.show import show_reading, show_rejected

    kind = str(found.modality)
    if not screen.json:
        show_rejected(screen, found.rejected)
        for note in found.notes:
            screen.note(f"Note: {note}")
    show_reading(screen, found, kind)
    rows = [
        (hit.path if hit.text is None else hit.text, f"{hit.similarity:.3f}", _copies(hit.copies))
        for hit in found.results
    ]
    anywhere = any(hit.copies for hit in found.results)
    headings = (kind, "similarity", "copies")
    screen.table(headings[: 2 + anywhere], [row[: 2 + anywhere] for row in rows], folded=False)
    how = "" if found.exact else " by an index, which finds nearly all of the nearest"
    screen.print_line(
        f"{counted(found.n_items, kind)} searched{how}, by the features of {found.backbone}."
    )
    if found.query_in_data:
        screen.print_line("The query is one of them (--include-query shows it).")


def _copies(names: list[str]) -> str:
    """``3 copies: a.jpg, b.jpg, c.jpg``."""
    if not names:
        return ""
    more = ", ..." if len(names) > SHOWN else ""
    return f"{counted(len(names), 'copy', 'copies')}: {', '.join(names[:SHOWN])}{more}"
