"""What the columns beside items add to the outputs of a head."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.data import Item
from topwork.features.columns.encoding import ColumnEncoding
from topwork.features.columns.images import ImagesHead

_NAMED = 5
"""Columns that a sentence names."""

Float32 = NDArray[np.float32]


def encoded_beside(encoding: ColumnEncoding, items: Sequence[Item]) -> Float32:
    """The encoded columns ``(n, d)`` beside n items, NaN where a row has no such column.

    Examples
    --------
    >>> from topwork.data.columns import read_columns
    >>> from topwork.features.columns import learn_encoding
    >>> encoding = learn_encoding(read_columns({"age": ["31", "48", "60", "25"] * 5})[0])
    >>> rows = encoded_beside(encoding, [Item("a", beside={"age": "31"}), Item("b")])
    >>> rows.astype(float).round(1).tolist()
    [[-0.7], [nan]]
    """
    rows: list[Mapping[str, str | None]] = [item.beside or {} for item in items]
    cells = {name: [row.get(name) for row in rows] for name in encoding.names}
    found = encoding.transform(cells) if items else np.empty((0, len(encoding.blocks())))
    names = np.array(encoding.names, object)[encoding.blocks()]
    for name in encoding.names:
        absent = np.array([name not in row for row in rows], bool)
        if absent.any():
            found[np.ix_(absent, names == name)] = np.nan
    return np.asarray(found, np.float32)


@dataclass(frozen=True, eq=False)
class BesideHead:
    """A linear function of the columns beside items.

    Parameters
    ----------
    encoding
        What makes numbers of them.
    weight
        ``(d, k)``, of the encoded columns.
    mean
        Of the encoded columns over the training items, ``(d,)``: what stands for one that is not
        there.
    images
        What further images of an item add.
    fitted
        What is added for each of the n training items, ``(n, k)``; not stored.
    """

    encoding: ColumnEncoding
    weight: Float32
    mean: Float32
    images: ImagesHead | None = None
    fitted: Float32 | None = None

    def outputs(self, items: Sequence[Item]) -> Float32:
        """What is added to the outputs for each of n items, ``(n, k)``."""
        if not self.encoding.columns:
            return np.zeros((len(items), self.weight.shape[1]), np.float32)
        rows = encoded_beside(self.encoding, items)
        return np.where(np.isnan(rows), self.mean, rows) @ self.weight

    def notes(self, items: Sequence[Item]) -> list[str]:
        """Sentences about columns that are missing, and cells that training had none like."""
        if not items or not self.encoding.columns:
            return []
        rows: list[Mapping[str, str | None]] = [item.beside or {} for item in items]
        found = []
        counts = {
            name: sum(name not in row for row in rows)
            for name in self.encoding.names
            if any(name not in row for row in rows)
        }
        if counts:
            n = max(counts.values())
            who = f"{n} of {len(items)} items have" if n < len(items) else "The items have"
            found.append(
                f"{who} no column {_listed(list(counts))}, which the model was fitted with: the "
                "mean of the training items was used."
            )
        cells = {name: [row.get(name) for row in rows] for name in self.encoding.names}
        strange = self.encoding.unknown(cells)
        if strange:
            found.append(
                f"{sum(strange.values())} cells hold what no training item had in "
                f"{_listed(list(strange))}: they count as missing."
            )
        return found


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(map(repr, names[:_NAMED]))
    return f"{shown} and {len(names) - _NAMED} more" if len(names) > _NAMED else shown
