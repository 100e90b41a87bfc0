"""``topwork cluster``: groups of items without labels, or that there are none."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from topwork.cli.clusters.known_values import check_no_pairs, known_values, row_values
from topwork.cli.expanded import with_options
from topwork.cli.options import Json, Quiet
from topwork.cli.outputs import check_table
from topwork.cli.repeated import following, repeated
from topwork.settings import ClusterSettings, TableSettings


@with_options
def cluster(
    context: typer.Context,
    data: Annotated[
        Path,
        typer.Argument(
            metavar="DATA", help="A folder of images or texts, or a table of them or of columns."
        ),
    ],
    *,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Where the model goes [DATA-clusters.topwork]."),
    ] = None,
    assignments: Annotated[
        Path | None,
        typer.Option(
            "--assignments",
            metavar="TABLE",
            help="Where the table with the cluster of each item goes [OUT-assignments.csv].",
        ),
    ] = None,
    settings: ClusterSettings,
    compare: Annotated[
        str | None,
        typer.Option(
            "--compare",
            metavar="COLUMN",
            help="Compare the clusters with a column of the table, or with the folders: folder.",
        ),
    ] = None,
    audit: Annotated[
        int,
        typer.Option(
            "--audit",
            min=0,
            metavar="N",
            help="Draw N pairs of items to label as same group or not, in OUT-audit.csv.",
        ),
    ] = 0,
    kind: Annotated[
        str,
        typer.Option("--kind", help="What the items are: image, text, row, or auto to detect."),
    ] = "auto",
    reading: TableSettings,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Find groups of images, texts or rows without labels, or say that there are none."""
    from topwork.cli.clusters.outcome import (
        compared,
        show_audit,
        show_clusters,
        write_assignments,
        write_pairs,
    )
    from topwork.cli.screen import Screen
    from topwork.cli.show import show_hints
    from topwork.data.columns import RowTable
    from topwork.unsupervised.clustering.fitting import Clustered
    from topwork.unsupervised.clustering.fitting import cluster as cluster_data
    from topwork.unsupervised.clustering.rows.fitting import ClusteredRows, cluster_rows
    from topwork.unsupervised.clustering.rows.reading import read_groupable

    screen = Screen(json=json, quiet=quiet)
    named = data.resolve().name.removesuffix(data.suffix)
    target = out or Path(f"{named}-clusters.topwork")
    table = assignments or target.with_name(f"{target.stem}-assignments.csv")
    sheet = target.with_name(f"{target.stem}-audit.csv") if audit else None
    check_table(table, data, beside=target)
    check_table(sheet, data, beside=target)
    with screen.steps() as steps:
        items = read_groupable(
            data,
            items=kind,
            columns=reading.columns,
            header=reading.header,
            root=reading.root,
            lines=reading.lines,
        )
        done: Clustered | ClusteredRows
        if isinstance(items, RowTable):
            check_no_pairs(audit)
            known = None if compare is None else row_values(compare, items)
            without = [] if compare is None else [compare]
            done = cluster_rows(items, settings, without=without, steps=steps, save_to=target)
            for note in done.result.notes:
                screen.note(f"Note: {note}")
        else:
            show_hints(screen, items)
            known = None if compare is None else known_values(compare, data, items, reading)
            done = cluster_data(items, settings, steps=steps, save_to=target)
    write_assignments(table, done.evidence)
    if sheet is not None:
        write_pairs(sheet, done.evidence, audit)
    found = done.result.model_copy(
        update={
            "assignments": str(table),
            "skipped": {} if isinstance(items, RowTable) else dict(items.ignored),
            "notes": list(dict.fromkeys((*items.hints, *done.result.notes))),
            "compared": None if known is None else compared(done.evidence, known, str(compare)),
        }
    )
    screen.result(found)
    model = shlex.quote(str(found.model))
    show_clusters(
        screen,
        found,
        predicting=following(context, "predict", model=model, inputs="NEW"),
        divided=repeated(context, n_clusters="N"),
    )
    if sheet is not None:
        show_audit(screen, sheet, target)
