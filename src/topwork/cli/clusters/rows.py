"""``topwork predict`` with a model of clusters of rows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from topwork.errors import DataError, ParameterError

if TYPE_CHECKING:
    from topwork.cli.clusters.prediction import ClusterPredictResult
    from topwork.cli.screen import Screen
    from topwork.data.columns import RowTable
    from topwork.features.rejected import RejectedRecord
    from topwork.model import RowClusterModel

_NAMED = 8


def predict_rows(
    screen: Screen,
    model: RowClusterModel,
    inputs: Sequence[str],
    header: Sequence[str] | None,
    out: Path | None,
) -> None:
    """Assign the rows of tables, write the table where one is wanted, and show the result.

    Raises
    ------
    ParameterError
        Standard input is named.
    DataError
        An input is no table, or lacks a column.
    """
    from topwork.cli.clusters.predict import show_clusters_of, write_clusters

    if "-" in inputs:
        raise ParameterError(
            "This model takes tables, and - is standard input.", remedy="Name a file."
        )
    result = rows_result(model, inputs, header)
    for note in result.notes:
        screen.note(f"Note: {note}")
    if out is not None:
        write_clusters(out, result.predictions)
    screen.result(result)
    show_clusters_of(screen, result, out)


def rows_result(
    model: RowClusterModel, inputs: Sequence[str], header: Sequence[str] | None
) -> ClusterPredictResult:
    """Clusters of the rows of all tables.

    Raises
    ------
    DataError
        An input is no table, or lacks a column, or no row can be read.
    """
    from topwork.cli.clusters.prediction import ClusterPrediction, ClusterPredictResult
    from topwork.data.columns import row_table
    from topwork.features.rejected import RejectedRecord

    predictions: list[ClusterPrediction] = []
    rejected: list[RejectedRecord] = []
    notes: list[str] = []
    for name in inputs:
        table = row_table(Path(name), header=header)
        notes += [*table.hints, *_not_used(model, list(table.columns), table.source)]
        assigned = model.predictions(table)
        rejected += RejectedRecord.of(assigned.rejected)
        notes += _unknown(model, table)
        predictions += [
            ClusterPrediction(
                path=one.path,
                cluster=one.cluster,
                name=one.name,
                nearness=one.nearness,
                second=one.second,
                outlier=one.outlier,
            )
            for one in assigned
        ]
    if not predictions:
        raise _no_rows(inputs, rejected)
    return ClusterPredictResult(
        modality=model.kind.name, predictions=predictions, rejected=rejected, notes=notes
    )


def _no_rows(inputs: Sequence[str], rejected: Sequence[RejectedRecord]) -> DataError:
    """What to raise where there is no row that can be read."""
    named = ", ".join(inputs[:_NAMED]) + (", ..." if len(inputs) > _NAMED else "")
    why = "it has none"
    if rejected:
        first = rejected[0]
        why = f"the first of {len(rejected)} is {first.path} ({first.reason}: {first.detail})"
    return DataError(
        f"No row of {named} can be read: {why}.",
        remedy="Give a table with at least one row below the names of its columns.",
        code="nothing_readable",
    )


def _unknown(model: RowClusterModel, table: RowTable) -> list[str]:
    """A sentence on cells that count as missing."""
    found = model.card.encoding.unknown(table.columns)
    named = ", ".join(f"{n} in {name}" for name, n in list(found.items())[:_NAMED])
    said = f"Cells of {table.source} whose value the model does not know count as missing: {named}."
    return [said] if found else []


def _not_used(model: RowClusterModel, columns: Sequence[str], source: str) -> list[str]:
    """A sentence on columns that the model has never seen."""
    encoding = model.card.encoding
    known = {*encoding.names, *(one.name for one in encoding.left_out)}
    more = [name for name in columns if name not in known]
    if not more:
        return []
    named = ", ".join(more[:_NAMED]) + (", ..." if len(more) > _NAMED else "")
    return [f"Columns of {source} that the model does not use: {named}."]
