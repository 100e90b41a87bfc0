"""Rows of a store that are read from disk a range at a time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topwork.features.encoding import decode
from topwork.features.lance_table import open_table, take


@dataclass(frozen=True, eq=False)
class StoredRows:
    """Features in a Lance dataset, of which nothing is held in memory but which rows they are.

    Parameters
    ----------
    uri
        The dataset, on disk or in object storage.
    shape
        (n, d).
    numbers
        (n,), which rows they are, ascending; None for the first n.

    Raises
    ------
    KeyError
        The dataset isn't there.
    """

    uri: Path
    shape: tuple[int, int]
    numbers: NDArray[np.int64] | None = None

    @classmethod
    def whole(cls, uri: Path) -> StoredRows:
        """All rows of a dataset."""
        table = _opened(uri)
        return cls(uri, (table.count_rows(), table.schema.field("features").type.list_size))

    def read(self, begin: int, end: int) -> NDArray[Any]:
        table = _opened(self.uri)
        if self.numbers is not None:
            return decode(take(table, self.numbers[begin:end]))
        column = table.to_table(columns=["features"], offset=begin, limit=end - begin)["features"]
        values: NDArray[Any] = column.combine_chunks().flatten().to_numpy()
        return decode(values.reshape(end - begin, -1))


def _opened(uri: Path) -> Any:
    table = open_table(uri)
    if table is None:
        raise KeyError(f"there is no store at {uri}")
    return table
