"""``topwork predict`` with a model of clusters."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from topwork.cli.listed_predictions import show_listed, write_listed
from topwork.data.tables.cells import inert

if TYPE_CHECKING:
    from topwork.cli.clusters.prediction import ClusterPrediction, ClusterPredictResult
    from topwork.cli.screen import Screen
    from topwork.data import Item
    from topwork.model import ClusterModel
    from topwork.runtime.progress import Progress


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
    cells = (
        (p.cluster, inert(p.name), f"{p.nearness:.6f}", p.second, int(p.outlier))
        for p in predictions
    )
    headings = ("cluster", "name", "nearness", "second", "outlier")
    write_listed(table, predictions, headings, cells)


def show_clusters_of(screen: Screen, result: ClusterPredictResult, out: Path | None) -> None:
    """The first predictions, for people."""
    cells = (
        (p.cluster, f"{p.name} (outlier)" if p.outlier else p.name, f"{p.nearness:.3f}")
        for p in result.predictions
    )
    show_listed(screen, result, out, ("cluster", "name", "nearness"), cells)
    n_outliers = sum(p.outlier for p in result.predictions)
    if n_outliers:
        match = "input is" if n_outliers == 1 else "inputs are"
        screen.print_line(f"{n_outliers} {match} far from every cluster; the nearest is named.")
