"""Further images in a row of a table: of other columns, and several in one cell."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from topwork.data.folders.located import locate
from topwork.data.item import SAME_CELL, Item
from topwork.data.tables.table import Table
from topwork.data.tables.table_file import Cell

_BETWEEN: Final = ";"
"""Between the paths of several images."""


def without_several(table: Table, folder: Path) -> Table:
    """The table with one path per cell, the others kept beside it.

    A cell is taken apart where no file has its whole text as a name.
    """
    cells = list(table.columns[table.contents])
    more: list[Cell] = [None] * len(cells)
    for row, cell in enumerate(cells):
        if cell and _BETWEEN in cell and not os.path.lexists(folder / cell):
            first, *rest = _paths(cell)
            cells[row], more[row] = first, _BETWEEN.join(rest) or None
    if not any(more):
        return table
    columns = {**table.columns, table.contents: cells}
    return replace(table, columns=columns, images={**table.images, SAME_CELL: more})


def with_images(items: Sequence[Item], table: Table) -> list[Item]:
    """The items with the further images of their rows, by the names of the columns."""
    folder = table.path.parent if table.folder is None else table.folder
    start = "" if str(folder) == "." else str(folder)
    found: list[dict[str, tuple[Item, ...]]] = [{} for _ in items]
    for name, cells in table.images.items():
        paths = [_paths(cell) if cell else [] for cell in cells]
        flat = [path for own in paths for path in own]
        located = iter(locate(flat, folder).paths if flat else ())
        for row, own in enumerate(paths):
            names = [os.path.join(start, next(located)) for _ in own]  # noqa: PTH118
            found[row][name] = tuple(Item(path, Path(path)) for path in names)
    return [replace(item, images=own) for item, own in zip(items, found, strict=True)]


def _paths(cell: str) -> list[str]:
    parts = [part.strip() for part in cell.split(_BETWEEN)]
    return [part for part in parts if part] or [cell]
