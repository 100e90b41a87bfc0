"""``topwork predict`` with a model of clusters."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from topwork.data.tables.cells import inert, inert_path, write_table
from topwork.data.texts.truncated import truncated

if TYPE_CHECKING:
    from topwork.cli.clusters.prediction import ClusterPrediction, ClusterPredictResult
    from topwork.cli.screen import Screen
    from topwork.data import Item
    from topwork.model import ClusterModel
    from topwork.runtime.progress import Progress

MAX_ROWS = 20
"""Predictions that are listed on the screen."""


def predict_clusters(
    screen: Screen,
    model: ClusterModel,
    items: Sequence[Item],
    progress: Progress,
    out: Path | None,
    skipped: dict[str, int],
    notes: list[str],
) -> None:
    """Predict, write the table where one is wanted, and show the result."""
    from topwork.cli.clusters.prediction import cluster_result

    result = cluster_result(model, items, progress)
    result = result.model_copy(update={"skipped": skipped, "notes": notes})
    if out is not None:
        write_clusters(out, result.predictions)
    screen.result(result)
    show_clusters_of(screen, result, out)


def write_clusters(table: Path, predictions: Sequence[ClusterPrediction]) -> None:
    """A row for each item that could be read, safe to open in a spreadsheet."""
    texts = ("text",) if any(p.text is not None for p in predictions) else ()
    write_table(
        table,
        ("path", *texts, "cluster", "name", "nearness", "second", "outlier"),
        (
            (
                inert_path(p.path),
                *(inert(p.text or "") for _ in texts),
                p.cluster,
                inert(p.name),
                f"{p.nearness:.6f}",
                p.second,
                int(p.outlier),
            )
            for p in predictions
        ),
    )


def show_clusters_of(screen: Screen, result: ClusterPredictResult, out: Path | None) -> None:
    """The first predictions, for people."""
    from topwork.cli.show import show_reading, show_rejected, show_remarks

    if not screen.json:
        show_rejected(screen, result.rejected)
    show_remarks(screen, result.remarks)
    show_reading(screen, result, result.modality)
    rows = [
        (p.cluster, f"{p.name} (outlier)" if p.outlier else p.name, f"{p.nearness:.3f}",
         p.text or p.path)
        for p in result.predictions[:MAX_ROWS]
    ]  # fmt: skip
    headings = ("cluster", "name", "nearness", result.modality)
    inline = any(p.text is not None for p in result.predictions)
    screen.table(headings, rows, folded=inline)
    left_out = len(result.predictions) - len(rows)
    if left_out:
        where = f"all of them are in {out}" if out else "write all of them with --out table.csv"
        screen.print_line(f"And {left_out} more: {where}.")
    if result.cut_short:
        screen.print_line(f"{truncated(result.cut_short)}.")
    n_outliers = sum(p.outlier for p in result.predictions)
    if n_outliers:
        match = "input is" if n_outliers == 1 else "inputs are"
        screen.print_line(f"{n_outliers} {match} far from every cluster; the nearest is named.")
