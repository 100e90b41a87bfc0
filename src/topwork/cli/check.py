"""``topwork check``: what is wrong with the data."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from topwork.cli.options import Columns, ItemsOption, Json, Layout, NoHeader, Quiet, Seed
from topwork.data.cells import inert, inert_path, write_table

if TYPE_CHECKING:
    from topwork.cli.screen import Screen
    from topwork.data import Item
    from topwork.inductive.checking import Checked
    from topwork.quality import Findings


def check(
    data: Annotated[Path, typer.Argument(metavar="DATA", help="Class folders, or a table.")],
    write: Annotated[
        Path | None,
        typer.Option("--write", help="Write a table with group and keep columns for fit."),
    ] = None,
    page: Annotated[
        Path | None, typer.Option("--page", help="Write a page with the pictures there.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="End with 2 if anything was found.")
    ] = False,
    columns: Columns = None,
    no_header: NoHeader = None,
    items: ItemsOption = "auto",
    layout: Layout = "class",
    seed: Seed = 0,
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Look for copies, conflicts, leaks, odd pictures and doubtful labels."""
    from topwork.backbones import DEFAULT_FOR
    from topwork.cli.options import column_names, header_names
    from topwork.cli.screen import Screen
    from topwork.cli.show import show_hints
    from topwork.data import read
    from topwork.inductive.check_page import check_page
    from topwork.inductive.checking import check as check_data
    from topwork.inductive.checking import read_splits
    from topwork.inductive.settings import FitSettings

    screen = Screen(json=json, quiet=quiet)
    with screen.steps() as steps:
        dataset, splits = read_splits(
            lambda split: read(
                data,
                split=split,  # type: ignore[arg-type]
                columns=column_names(columns),
                header=header_names(no_header),
                layout=layout,  # type: ignore[arg-type]
                items=items,  # type: ignore[arg-type]
            )
        )
        show_hints(screen, dataset, certain=True)
        backbone = DEFAULT_FOR[dataset.kind.name]
        found = check_data(dataset, splits, FitSettings(backbone=backbone, seed=seed), steps)
    if write is not None:
        _write(found, write)
    if page is not None:
        page.write_text(check_page(found, data.name), "utf-8")
    screen.result(found.findings)
    _show(screen, found.findings, dataset.kind.name)
    return 2 if strict and not found.findings.clean else 0


def _write(found: Checked, table: Path) -> None:
    """One row an item: a text itself, or a path relative to the table."""
    data = found.data
    texts = data.kind.name == "text"

    def own(item: Item, path: str) -> str:
        if texts:
            return inert(data.kind.caption(item))
        return inert_path(os.path.relpath(path, table.parent))

    write_table(
        table,
        ("text" if texts else "path", "label", "group", "split", "keep"),
        (
            (own(item, row.path), inert(row.label or ""), row.group, split, int(row.keep))
            for item, row, split in zip(data.items, found.rows, found.splits, strict=True)
        ),
    )


def _show(screen: Screen, found: Findings, kind: str) -> None:
    from topwork.cli.show import show_rejected, show_remarks

    if not screen.json:
        show_rejected(screen, found.rejected)
    show_remarks(screen, found.remarks)
    doubtful = found.doubtful_labels or ()
    shown = "picture" if kind == "image" else kind
    rows = [
        (f"readable {kind}s", found.n_items),
        ("unreadable files" if kind == "image" else f"unreadable {kind}s", len(found.rejected)),
        *((("texts that exceed the maximum length", found.cut_short),) if kind == "text" else ()),
        (f"{shown}s that are there more than once", len(found.duplicates)),
        ("of these under several labels", len(found.conflicts)),
        ("of these in several splits", len(found.leaks)),
        ("classes too small to evaluate", len(found.small_classes)),
        *((("odd pictures", len(found.odd_pictures)),) if kind == "image" else ()),
        ("doubtful labels", len(doubtful)),
        ("names that look like one source (hint)", len(found.hints)),
    ]
    screen.table(("found", "n"), rows)
    if found.conflicts or found.duplicates:
        groups = (*found.conflicts, *found.duplicates)[:5]
        names = [(" = ".join(m.path for m in g.members[:3]), g.kind) for g in groups]
        screen.table((f"the same {shown}", "kind"), names)
    if doubtful:
        first = [(d.path, d.given, d.suggested, f"{d.probability:.2f}") for d in doubtful[:10]]
        screen.table(("doubtful label", "given", "suggested", "probability"), first)
        if len(doubtful) > len(first):
            screen.say(f"and {len(doubtful) - len(first)} more, all of them with --json.")
    if found.clean:
        screen.say("Nothing was found that you need to look at.")
