"""The outcome of ``topwork cluster``: its table, and what people see."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from topwork.data.tables.cells import inert, inert_path, write_table
from topwork.runtime.counted import counted

if TYPE_CHECKING:
    from topwork.cli.screen import Screen
    from topwork.unsupervised.clustering.comparison import ClusterComparison
    from topwork.unsupervised.clustering.evidence import AssignedItems
    from topwork.unsupervised.clustering.result import ClusterResult


def write_assignments(table: Path, found: AssignedItems) -> None:
    """A row for each item that could be read, safe to open in a spreadsheet."""
    items = found.items
    write_table(
        table,
        ("path", "cluster", "name", "outlier"),
        (
            (inert_path(item.name), int(code), inert(found.names[code]), int(outlier))
            for item, code, outlier in zip(items, found.codes, found.outliers, strict=True)
        ),
    )


def write_pairs(table: Path, found: AssignedItems, n: int) -> None:
    """Pairs of items to judge, as paths or texts."""
    from topwork.unsupervised.clustering.auditing import COLUMNS, draw_pairs

    shown = [
        inert(found.kind.caption(item)) if found.kind.inline else inert_path(item.name)
        for item in found.items
    ]
    pairs = draw_pairs(found.codes, n, seed=found.settings.seed)
    write_table(table, COLUMNS, ((shown[a], shown[b], "") for a, b in pairs))


def show_audit(screen: Screen, sheet: Path, model: Path) -> None:
    """What to do with the pairs."""
    screen.print_line(
        f"Fill in the column same of {sheet} (yes or no). Then topwork evaluate "
        f"{shlex.quote(str(model))} {shlex.quote(str(sheet))} gives pairwise precision and recall."
    )


def compared(found: AssignedItems, known: Mapping[str, str], column: str) -> ClusterComparison:
    """The clusters beside something that is known of the items, or of some."""
    from topwork.unsupervised.clustering.comparison import compare as compare_clusters

    names = [item.name for item in found.items]
    return compare_clusters(names, found.codes, len(found.names), known, column)


def show_clusters(screen: Screen, found: ClusterResult, *, predicting: str, divided: str) -> None:
    """The outcome, for people: first of all whether there are groups.

    Parameters
    ----------
    predicting
        The command that assigns other items.
    divided
        The command with another number of clusters.
    """
    from topwork.cli.show import interval, show_reading, show_rejected, show_remarks

    if not screen.json:
        show_rejected(screen, found.rejected)
    show_remarks(screen, found.remarks)
    show_reading(screen, found, found.modality)
    first, *others = found.sentences
    screen.print_line(first, style="bold")
    for sentence in others:
        screen.print_line(sentence)
    rows = [(one.id, one.name, one.size, interval(one.stability)) for one in found.clusters]
    screen.table(("cluster", "name", f"{found.modality}s", "stability  (middle 95 %)"), rows)
    copies = "equal another one in the columns used"
    if found.columns is None:
        copies = "near-duplicates of another one"
    screen.print_line(
        f"Of {counted(found.n_items, found.modality)}, {found.n_borderline} "
        f"{'lies' if found.n_borderline == 1 else 'lie'} between two clusters, "
        f"{found.n_outliers} {'is an outlier' if found.n_outliers == 1 else 'are outliers'}, "
        f"{found.n_copies} {copies}."
    )
    if found.compared is not None:
        show_comparison(screen, found.compared)
    screen.print_line(
        f"Saved {found.model} after {found.seconds:.1f} s, and the cluster of each "
        f"{found.modality} in {found.assignments}."
    )
    if found.previous_model:
        screen.print_line(f"The model that was there before is now {found.previous_model}.")
    model = shlex.quote(str(found.model))
    again = f"; {divided} gives N clusters"
    screen.print_line(
        f"Next: topwork report {model} shows the clusters; {predicting} assigns "
        f"others{'' if found.stands_out else again}."
    )


MAX_VALUES = 12
"""Rows and columns of the cross table on the screen."""


def show_comparison(screen: Screen, found: ClusterComparison) -> None:
    """The cross table, and how far both divisions agree."""
    from topwork.cli.show import interval

    shown, k = found.values[:MAX_VALUES], len(found.values[0].clusters)
    headings = (found.column, *(f"in {code}" for code in range(min(k, MAX_VALUES))))
    screen.table(headings, [(row.value, *row.clusters[:MAX_VALUES]) for row in shown])
    left_out = [
        f"{n - MAX_VALUES} more {what}"
        for n, what in ((len(found.values), "values"), (k, "clusters"))
        if n > MAX_VALUES
    ]
    if left_out:
        screen.print_line(f"And {' and '.join(left_out)} (all of them with --json).")
    screen.print_line(
        f"Adjusted Rand index of clusters and {found.column}: {interval(found.adjusted_rand)} "
        "(1 the same division, 0 chance)."
    )
