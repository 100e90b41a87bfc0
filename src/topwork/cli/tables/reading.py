"""Telling tables whose rows are the items from those of images and texts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from topwork.data import Dataset
    from topwork.data.folders.splits import Split
    from topwork.data.tables.table_file import TableFile
    from topwork.errors import DataError
    from topwork.settings import FitReadingSettings, TaskSettings

ROW: Final = "row"
"""As ``--kind`` names the rows of a table."""

_LOOKED_AT: Final = 1000
"""Rows by which it is told whether a table has columns to predict from."""


def read_rows_or_data(data: Path, reading: FitReadingSettings, *, beside: bool) -> Dataset:
    """The rows of a table as items, or images and texts, as the options say.

    With ``--kind row`` rows are read; with ``auto`` they are where a table has neither a column of
    images nor one of texts, but one of labels and others to predict from.

    Parameters
    ----------
    beside
        Whether what stands beside images and texts is read, too.

    Raises
    ------
    DataError
        The data can't be read as either.
    """
    from topwork.cli.options import read_data
    from topwork.data import is_table
    from topwork.errors import DataError

    if reading.wanted == ROW:
        return rows_of(data, reading, split="train")
    plain = replace(reading, exclude=()) if is_table(data) else reading
    try:
        if reading.exclude:  # names columns where the rows are the items, and folders otherwise
            read_data(data, plain, split="train", beside=beside)
        return read_data(data, reading, split="train", beside=beside)
    except DataError as error:
        found = None if reading.image_columns else rows_instead(data, reading, error)
        if found is None:
            raise
        return found


def rows_of(data: Path, reading: TaskSettings, *, split: Split) -> Dataset:
    """The rows of a table with their targets.

    Raises
    ------
    DataError
        There is no such table, or it has no column of targets.
    ParameterError
        An option is given that rows are read without.
    """
    from topwork.data.columns.labelled_rows import read_rows

    _check_options(reading)
    return read_rows(
        data, columns=reading.named, header=reading.header, split=split, task=reading.asked
    )


def rows_instead(data: Path, reading: TaskSettings, error: DataError) -> Dataset | None:
    """The rows of a table that has neither images nor texts; None where it is not plain.

    Parameters
    ----------
    error
        What reading it as images or texts raised.
    """
    from topwork.data import is_table
    from topwork.data.columns import RowTable, row_table
    from topwork.data.columns.row_table import opened
    from topwork.data.tables.table_file import PATH, TEXT
    from topwork.errors import DataError
    from topwork.features.columns import learn_predictors

    named = dict(reading.named or {})
    plain = reading.wanted == "auto" and reading.task not in ("boxes", "one-class")
    if error.code != "missing_column" or not plain or not is_table(data) or PATH in named:
        return None
    try:
        file = opened(data, reading.header)
        if TEXT in named or not _says_label(file, named.get("label")) or _names_images(file):
            return None
        table: RowTable = row_table(data, header=reading.header)
    except DataError:
        return None
    label = named.get("label", "label").lower()
    first = {n: c[:_LOOKED_AT] for n, c in table.columns.items() if n.lower() != label}
    encoding, _ = learn_predictors(first)
    if not any(column.kind != "words" for column in encoding.columns):
        return None
    return rows_of(data, reading, split="train")


def _says_label(file: TableFile, named: str | None) -> bool:
    wanted = (named or "label").lower()
    return any(name.lower() == wanted for name in file.names)


def _names_images(file: TableFile) -> bool:
    from topwork.data.tables.column_guess import guess_columns, looks_like_data
    from topwork.data.tables.table_file import PATH

    return looks_like_data(file.names) or bool(guess_columns(file, [PATH], [], set()))


def _check_options(reading: TaskSettings) -> None:
    from topwork.errors import ParameterError

    asked = {
        "--layout": reading.layout != "auto",
        "--groups": reading.groups is not None,
        "--lines": reading.lines,
        "--labels": reading.labels is not None,
        "--names": reading.names is not None,
        "--root": reading.root is not None,
    }
    for option in (option for option, given in asked.items() if given):
        raise ParameterError(
            f"{option} cannot be given for rows of a table.",
            remedy="Leave it out; --columns says which column is the label and which the group, "
            "and --exclude leaves a column out.",
            code="not_for_rows",
        )
