"""What is known of items by their folders, or by a column of their table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from topwork.errors import ParameterError

if TYPE_CHECKING:
    from topwork.data import Dataset
    from topwork.data.columns import RowTable
    from topwork.settings import TableSettings

FOLDER = "folder"


def known_values(column: str, data: Path, items: Dataset, reading: TableSettings) -> dict[str, str]:
    """The value of each item of which one is known, by the item's name.

    Parameters
    ----------
    column
        A column of the table, by its own name or the one that ``reading`` gives it, or ``folder``
        for the name of the folder that an item lies in.
    data, items
        Where the items were read from, and they themselves.

    Raises
    ------
    ParameterError
        A column is named, and the data are no table.
    DataError
        The table has no such column.
    """
    from topwork.data import is_table, read

    if column == FOLDER:
        paths = ((item.name, item.path) for item in items.items)
        return {name: path.parent.name for name, path in paths if path is not None}
    if not is_table(data):
        raise ParameterError(
            f"--compare names the column {column!r}, but {data} is no table.",
            remedy=f"Write --compare {FOLDER} for the folders that the items lie in.",
        )
    renamed = reading.columns or {}
    labelled = read(
        data,
        split="all",
        items=items.kind.name,
        columns={**renamed, "label": renamed.get(column, column)},
        header=reading.header,
        root=reading.root,
        skip_unlabelled=True,
        task="classes",
    )
    assert labelled.classes is not None, "a table without labels is refused"
    names = (item.name for item in labelled.items)
    return {n: str(value) for n, value in zip(names, labelled.classes.values(), strict=True)}


def row_values(column: str, table: RowTable) -> dict[str, str]:
    """The same of the rows of a table.

    Raises
    ------
    ParameterError
        ``folder`` is named, and the table has no such column.
    DataError
        The table has no such column.
    """
    if column == FOLDER and column not in table.columns:
        raise ParameterError(
            f"--compare {FOLDER} goes with files in folders, and {table.source} has rows.",
            remedy="Name a column of the table.",
        )
    cells = zip(table.names, table.column(column), strict=True)
    return {name: cell for name, cell in cells if cell is not None}


def check_no_pairs(audit: int) -> None:
    """Refuse to draw pairs of rows to judge, which nobody can from their cells alone.

    Raises
    ------
    ParameterError
        Some are asked for.
    """
    if audit:
        raise ParameterError(
            "--audit draws pairs of images or texts to look at, and these are rows of a table.",
            remedy="Leave --audit out; --compare COLUMN compares the clusters with a column.",
        )


def no_evaluation() -> ParameterError:
    """What to raise where clusters of rows are to be evaluated."""
    return ParameterError(
        "This model has clusters of the rows of a table; only pairs of images or texts are "
        "evaluated.",
        remedy="topwork cluster TABLE --compare COLUMN compares clusters with a column; topwork "
        "predict assigns rows to them.",
        code="other_task",
    )
