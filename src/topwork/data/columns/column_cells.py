"""The cells of one column, as what they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from topwork.data.columns.number_writing import Comma

Numbers: TypeAlias = NDArray[np.float64]

FREE_TEXT: Final = "free text"
"""Why a column of sentences is left out where only numbers, dates and categories are used."""


@dataclass(frozen=True, eq=False, slots=True)
class NumberCells:
    """Numbers ``(n,)``, NaN where one is missing, what a comma in them means, and their unit."""

    name: str
    comma: Comma
    unit: str
    values: Numbers


@dataclass(frozen=True, eq=False, slots=True)
class DateCells:
    """Days ``(n,)`` from year 1, NaN where one is missing, and how they are written."""

    name: str
    written: str
    values: Numbers


@dataclass(frozen=True, eq=False, slots=True)
class CategoryCells:
    """Names of categories, n of them; None where one is missing."""

    name: str
    values: list[str | None]


@dataclass(frozen=True, eq=False, slots=True)
class TextCells:
    """Texts, n of them; None where one is missing."""

    name: str
    values: list[str | None]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A column that is not used, and why."""

    name: str
    reason: str


UsedCells: TypeAlias = NumberCells | DateCells | CategoryCells | TextCells
ColumnCells: TypeAlias = UsedCells | LeftOut
