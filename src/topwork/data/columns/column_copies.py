"""Columns that say what another one says: the same cells, other units, or coarser categories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from topwork.data.columns.column_cells import (
    CategoryCells,
    ColumnCells,
    LeftOut,
    Numbers,
    TextCells,
)

MAX_RESIDUAL: Final = 0.005
"""Share of the typical distance from the median, and of its own, by which a number may differ from
that in other units: what rounding leaves."""

_ROWS_PER_VALUE: Final = 5
"""So many rows for each value, so that categories do not follow from others by chance."""

_LOOKED_AT: Final = 64
"""Rows by which most pairs of columns are told apart."""

_NEARLY: Final = 0.1
"""The same share as `MAX_RESIDUAL`, where only the typical distances are compared."""

Codes = NDArray[np.int64]


@dataclass(frozen=True, eq=False, slots=True)
class _Centred:
    """Numbers less their median, 0 where one is missing, and their typical distance from it."""

    name: str
    there: bytes
    values: Numbers
    typical: float

    @classmethod
    def of(cls, name: str, values: Numbers) -> Self:
        """The typical distance is the median of those that are not 0: far rows don't count."""
        there = np.isfinite(values)
        with np.errstate(all="ignore"):
            centred = np.where(there, values - np.median(values[there]), 0.0)
            typical = np.median(np.abs(centred[centred != 0]))
        return cls(name, there.tobytes(), centred, float(typical))


def without_copies(found: Sequence[ColumnCells], *, coarser: bool = False) -> list[ColumnCells]:
    """The same, less columns that say what one before says, or one with finer categories.

    Parameters
    ----------
    coarser
        Whether those that follow from finer categories are kept.

    Examples
    --------
    >>> from topwork.data.columns import NumberCells
    >>> metres = np.array([1.0, 2.5, 4.0, 8.0])
    >>> columns = [NumberCells("m", "", "m", metres), NumberCells("cm", "", "cm", 100 * metres)]
    >>> without_copies(columns)[1]
    LeftOut(name='cm', reason="the same as 'm'")
    """
    cells: dict[tuple[str | None, ...], str] = {}
    numbers: list[_Centred] = []
    kept: list[ColumnCells] = []
    for one in found:
        same = None
        if isinstance(one, CategoryCells | TextCells):
            same = cells.setdefault(tuple(one.values), one.name)
            same = None if same == one.name else same
        elif not isinstance(one, LeftOut):
            centred = _Centred.of(one.name, one.values)
            same = next((o.name for o in numbers if _in_other_units(o, centred)), None)
            numbers += [centred] if same is None else []
        kept.append(one if same is None else LeftOut(one.name, f"the same as {same!r}"))
    return kept if coarser else _without_coarser(kept)


def _in_other_units(first: _Centred, second: _Centred) -> bool:
    """Whether one is a linear function of the other, all rows within what rounding leaves."""
    if first.there != second.there:
        return False
    with np.errstate(all="ignore"):
        x, y = np.abs(first.values[:_LOOKED_AT]), np.abs(second.values[:_LOOKED_AT])
        ratio = second.typical / first.typical
        if (np.abs(y - ratio * x) > _NEARLY * (second.typical + y)).any():
            return False
        far = np.abs(first.values) >= first.typical
        slope = np.median(second.values[far] / first.values[far])
        residual = np.abs(second.values - slope * first.values)
        most = MAX_RESIDUAL * (second.typical + np.abs(second.values))
    return bool((residual <= most).all())


def _without_coarser(kept: Sequence[ColumnCells]) -> list[ColumnCells]:
    """Categories, unless others with more of them, or as many before them, say which."""
    names = [one.name for one in kept if isinstance(one, CategoryCells)]
    codes = [_codes(one.values) for one in kept if isinstance(one, CategoryCells)]
    sizes = [int(own.max()) + 1 for own in codes]
    coarser: dict[str, str] = {}
    for place, mine in enumerate(codes):
        for at, theirs in enumerate(codes):
            few = sizes[at] * _ROWS_PER_VALUE <= len(mine)
            finer = (sizes[at], -at) > (sizes[place], -place)
            if few and finer and _follows(mine, theirs, sizes[at]):
                coarser[names[place]] = names[at]
                break
    return [
        LeftOut(one.name, f"follows from {coarser[one.name]!r}") if one.name in coarser else one
        for one in kept
    ]


def _codes(values: Sequence[str | None]) -> Codes:
    """A whole number from 0 for each value, by where it comes first."""
    known: dict[str | None, int] = {}
    return np.array([known.setdefault(value, len(known)) for value in values], np.int64)


def _follows(coarse: Codes, fine: Codes, n_fine: int) -> bool:
    """Whether rows of one fine value have one coarse value."""
    of = np.empty(n_fine, np.int64)
    of[fine] = coarse
    return bool((of[fine] == coarse).all())
