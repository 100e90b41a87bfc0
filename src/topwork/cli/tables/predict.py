"""``topwork predict`` with a model of the rows of a table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from topwork.errors import DataError, ParameterError

if TYPE_CHECKING:
    from topwork.cli.numbers.predict import NumberPredictResult
    from topwork.cli.prediction import PredictResult
    from topwork.cli.screen import Screen
    from topwork.data.columns import RowTable
    from topwork.features.rejected import RejectedRecord
    from topwork.model import (
        RowClusterModel,
        TableClassifierModel,
        TableModel,
        TableNumberModel,
    )
    from topwork.model.tables.model import ReadRows


def predict_table(
    screen: Screen,
    model: TableModel | RowClusterModel,
    inputs: Sequence[str],
    header: Sequence[str] | None,
    out: Path | None,
    *,
    top: int,
) -> None:
    """Predict for the rows of tables, write the table where one is wanted, and show the result.

    Raises
    ------
    ParameterError
        Standard input is named.
    DataError
        An input is no table, has none of the columns, or no row can be read.
    """
    from topwork.cli.class_predictions import (
        by_class,
        shortened,
        show_predictions,
        write_predictions,
    )
    from topwork.cli.listed_predictions import show_listed
    from topwork.cli.numbers.predict import PREDICTED
    from topwork.data.columns.labelled_rows import unlabelled_rows
    from topwork.features.rejected import RejectedRecord
    from topwork.model import RowClusterModel, TableClassifierModel, TableNumberModel

    if isinstance(model, RowClusterModel):
        from topwork.cli.clusters.rows import predict_rows

        predict_rows(screen, model, inputs, header, out)
        return
    if "-" in inputs:
        raise ParameterError(
            "This model takes tables, and - is standard input.", remedy="Name a file."
        )
    tables = [unlabelled_rows(Path(name), header=header) for name in inputs]
    read = [model.read(table) for table in tables]
    notes = [note for table, rows in zip(tables, read, strict=True)
             for note in (*table.hints, *rows.notes)]  # fmt: skip
    rejected = [one for table in tables for one in RejectedRecord.of(table.rejected.values())]
    if not any(len(table) for table in tables):
        raise _no_rows(inputs, tables)
    for note in notes:
        screen.note(f"Note: {note}")
    if isinstance(model, TableClassifierModel):
        every = top if out is None else max(top, len(model.labels))
        result = _classes(model, read, every, rejected, notes)
        if out is not None:
            predictions = result.predictions
            write_predictions(out, predictions, by_class(model.labels, predictions))
            result = shortened(result, top)
        screen.result(result)
        show_predictions(screen, result, out)
        return
    assert isinstance(model, TableNumberModel)
    numbers = _numbers(model, read, rejected, notes)
    if out is not None:
        PREDICTED.write(out, numbers, None)
    screen.result(numbers)
    cells = (PREDICTED.cells(one) for one in numbers.predictions)
    show_listed(screen, numbers, out, PREDICTED.headings(numbers), cells)
    if remark := PREDICTED.remark(numbers):
        screen.print_line(remark)


def _classes(
    model: TableClassifierModel,
    read: Sequence[ReadRows],
    top: int,
    rejected: list[RejectedRecord],
    notes: list[str],
) -> PredictResult:
    from topwork.cli.prediction import PredictResult, listed

    found = [model.said_of(rows) for rows in read]
    return PredictResult(
        modality=model.kind.name,
        predictions=[one for said in found for one in listed(model, (), said, top)],
        rejected=rejected,
        notes=notes,
        unknown_on=False,
    )


def _numbers(
    model: TableNumberModel,
    read: Sequence[ReadRows],
    rejected: list[RejectedRecord],
    notes: list[str],
) -> NumberPredictResult:
    from topwork.cli.numbers.predict import NumberPrediction, NumberPredictResult

    rule = model.card.intervals
    return NumberPredictResult(
        modality=model.kind.name,
        predictions=[
            NumberPrediction(path=one.path, value=one.value, low=one.low, high=one.high)
            for rows in read
            for one in model.said_of(rows)
        ],
        rejected=rejected,
        notes=notes,
        error_rate=rule.error_rate,
        promised=rule.factor is not None,
    )


def _no_rows(inputs: Sequence[str], tables: Sequence[RowTable]) -> DataError:
    bad = [one for table in tables for one in table.rejected.values()]
    why = f"the first of {len(bad)} is {bad[0].path} ({bad[0].why})" if bad else "it has none"
    return DataError(
        f"No row of {', '.join(inputs[:8])} can be read: {why}.",
        remedy="Give a table with at least one row below the names of its columns.",
        code="nothing_readable",
    )
