"""Which columns of a table say something beside its images or texts, and as which numbers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from topwork.data import ClassTargets, Dataset, NumberTargets
from topwork.data.columns import CategoryCells, ColumnCells, DateCells, NumberCells
from topwork.data.columns.column_reading import read_column
from topwork.features.columns import ColumnEncoding, learn_predictors
from topwork.features.columns.beside import encoded_beside
from topwork.features.opened_backbone import FrozenPart

_OF_UNITS: Final = re.compile(
    r"(?:^|[\W_])(?:id|uuid|guid|key|patient|subject|participant|specimen|animal)$", re.IGNORECASE
)
_IN_CAPITALS: Final = re.compile(r"[a-z](?:Id|ID)$")
"""Names of columns that say whose item it is: what is learnt of these holds for no other one."""

_REPEATED: Final = 2.0
"""Rows per value from which a column is more than a name of each row."""

_MONOTONE: Final = 0.9999
_NAMED: Final = 12
"""Columns that a sentence names."""

Cells = Sequence[str | None]


@dataclass(frozen=True, eq=False)
class FurtherColumns:
    """The columns beside n items that are learnt from.

    Parameters
    ----------
    encoding
        Of those that are used, and why others are not.
    rows
        Encoded, ``(n, d)``.
    notes
        Sentences about what is used, and how it was read.
    """

    encoding: ColumnEncoding
    rows: NDArray[np.float32]
    notes: tuple[str, ...]


def with_columns(frozen: FrozenPart) -> tuple[FurtherColumns | None, FrozenPart]:
    """The columns beside the items, where some can be learnt from, and what is said of them."""
    columns = columns_beside(frozen.data)
    if columns is None:
        return None, frozen
    data = replace(frozen.data, hints=(*frozen.data.hints, *columns.notes))
    used = columns if columns.encoding.columns else None
    return used, replace(frozen, data=data)


def columns_beside(data: Dataset) -> FurtherColumns | None:
    """The columns beside the items of a data set; None where there are none to learn from.

    No column is used that says the target by itself, or whose item it is, unless the user named it.
    """
    cells = _cells(data)
    if not cells:
        return None
    offered = [name for name in cells if name not in data.asked]
    why = {name: reason for name in offered if (reason := _unsuited(name, cells[name], data))}
    encoding, hints = learn_predictors(cells, without=why)
    hints.append(_said(encoding, data.kind.name))
    if not encoding.columns:
        return FurtherColumns(encoding, np.empty((len(data), 0), np.float32), tuple(hints))
    return FurtherColumns(encoding, encoded_beside(encoding, data.items), tuple(hints))


def _cells(data: Dataset) -> dict[str, Cells]:
    rows: list[Mapping[str, str | None]] = [item.beside or {} for item in data.items]
    names = list(dict.fromkeys(name for row in rows[:1] for name in row))
    return {name: [row.get(name) for row in rows] for name in names}


def _unsuited(name: str, cells: Cells, data: Dataset) -> str:
    """Why nothing is learnt from a column; empty where it may be."""
    if _OF_UNITS.search(name) or _IN_CAPITALS.search(name):
        return "it says whose item it is; --columns group=... keeps these apart"
    one = read_column(name, cells, [])
    groups = data.groups if isinstance(one, CategoryCells) else None
    if groups is not None and _names_groups(cells, groups):
        return "it says which group it is"
    return "it says the target by itself" if _tells(one, cells, data) else ""


def _names_groups(cells: Cells, groups: NDArray[np.generic]) -> bool:
    """Whether nearly every group has one value of its own."""
    values = defaultdict(set)
    for cell, group in zip(cells, groups.tolist(), strict=True):
        values[cell].add(group)
    n_groups = len(set(groups.tolist()))
    alone = sum(len(of) == 1 for of in values.values())
    return n_groups > 2 and alone > 0.9 * len(values) and len(values) > 0.8 * n_groups


def _tells(one: ColumnCells, cells: Cells, data: Dataset) -> bool:
    """Whether the target follows from the column: then it was written down after it."""
    targets = data.targets
    if isinstance(targets, ClassTargets) and isinstance(one, CategoryCells | NumberCells):
        labels = defaultdict(set)
        for cell, code in zip(cells, targets.codes.tolist(), strict=True):
            labels[cell].add(code)
        repeated = len(cells) >= _REPEATED * len(labels) and len(labels) > 1
        return repeated and all(len(of) == 1 for of in labels.values())
    if isinstance(targets, NumberTargets) and isinstance(one, NumberCells | DateCells):
        from scipy.stats import spearmanr

        there = np.isfinite(one.values)
        if there.sum() < 10:
            return False
        return bool(abs(spearmanr(one.values[there], targets.numbers[there])[0]) > _MONOTONE)
    return False


def _said(encoding: ColumnEncoding, kind: str) -> str:
    """One sentence on what is used and what isn't."""
    names = encoding.names
    shown = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" * (len(names) > _NAMED))
    used = f"Columns tried beside the {kind}s: {shown}." if names else "No further column is used."
    if not encoding.left_out:
        return f"{used} --use-columns names fewer, or none."
    out = "; ".join(f"{one.name} ({one.reason})" for one in encoding.left_out[:_NAMED])
    more = len(encoding.left_out) - _NAMED
    return f"{used} Not used: {out}{f'; {more} more' if more > 0 else ''}. --use-columns decides."
