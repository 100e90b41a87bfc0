"""What is known of items by their folders, or by a column of their table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from topwork.errors import ParameterError

if TYPE_CHECKING:
    from topwork.data import Dataset
    from topwork.settings import TableSettings

FOLDER = "folder"


def known_values(column: str, data: Path, items: Dataset, reading: TableSettings) -> dict[str, str]:
    """The value of each item of which one is known, by the item's name.

    Parameters
    ----------
    column
        A column of the table, or ``folder`` for the name of the folder that an item lies in.
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
    labelled = read(
        data,
        split="all",
        items=items.kind.name,
        columns={**(reading.columns or {}), "label": column},
        header=reading.header,
        root=reading.root,
        skip_unlabelled=True,
        task="classes",
    )
    assert labelled.classes is not None, "a table without labels is refused"
    names = (item.name for item in labelled.items)
    return {n: str(value) for n, value in zip(names, labelled.classes.values(), strict=True)}
