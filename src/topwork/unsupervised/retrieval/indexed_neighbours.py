"""Approximate nearest neighbours by cosine, through an index on disk."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from topwork.features.lance_table import lance
from topwork.quality.neighbours import unit_rows
from topwork.runtime import TemporaryFolder
from topwork.unsupervised.retrieval.exact_neighbours import N_AXES
from topwork.unsupervised.retrieval.neighbours import Neighbours, cosines, largest
from topwork.unsupervised.retrieval.shortened_rows import shorten

N_PROBES: Final = 40
"""Cells of the index that are looked into."""

_SHORTLIST: Final = 30
"""So many times as many rows as wanted are compared in full."""


class IndexedNeighbours:
    """Rows (n, d) of which nearly all of the nearest are found, without comparing all of them.

    An inverted file of Lance holds the rows along their leading axes, in about √n cells around
    centres of k-means; the nearest in the 40 cells nearest to a query are compared in full.

    Parameters
    ----------
    rows
        (n, d), of any length and float format.
    n_probes
        Cells that are looked into: more find more, and take longer.
    """

    exact: Final = False

    def __init__(self, rows: NDArray[Any], *, n_probes: int = N_PROBES) -> None:
        import pyarrow as pa

        self._rows, self._n_probes = rows, n_probes
        short = shorten(rows, N_AXES)
        self._axes = short.axes
        r = short.rows.shape[1]
        self._folder = TemporaryFolder()
        column = pa.FixedSizeListArray.from_arrays(pa.array(short.rows.ravel()), r)
        table = pa.table({"row": column})
        place = str(Path(self._folder.folder) / "rows.lance")
        self._table = lance().write_dataset(table, place)
        self._table.create_index(
            "row", "IVF_FLAT", metric="dot", num_partitions=max(1, math.isqrt(len(rows)))
        )

    def __len__(self) -> int:
        return len(self._rows)

    def nearest(self, query: NDArray[np.floating], k: int) -> Neighbours:
        """Of the rows with the largest cosine to a query (d,), min(k, n) that are nearly all."""
        unit = unit_rows(query[None])[0]
        wanted = {
            "column": "row",
            "q": unit @ self._axes,
            "k": min(_SHORTLIST * k, len(self)),
            "nprobes": self._n_probes if k < len(self) else math.isqrt(len(self)),
        }
        found = self._table.to_table(columns=[], nearest=wanted, with_row_id=True)
        # rows were written once, so that their ids count them within each fragment
        ids = found["_rowid"].to_numpy().astype(np.int64)
        positions = np.sort(self._starts[ids >> 32] + (ids & 0xFFFFFFFF))
        return largest(positions, cosines(self._rows[positions], unit), min(k, len(self)))

    @property
    def _starts(self) -> NDArray[np.int64]:
        """The position of the first row of each fragment."""
        sizes = [fragment.count_rows() for fragment in self._table.get_fragments()]
        return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
