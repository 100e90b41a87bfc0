"""The encoding of the columns of a table, kept as plain data."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from topwork.data.columns import Comma, days_of, number_of
from topwork.data.columns.cell_kinds import is_missing
from topwork.data.columns.column_reading import category_of

MAX_CATEGORIES: Final = 20
"""Of a column; those beyond are joined with the rare ones."""

MAX_RARE: Final = 1000
"""Categories that are joined into one."""

MAX_COLUMNS: Final = 1000
MAX_LEFT_OUT: Final = 10_000
MAX_NAME: Final = 1000
MAX_VALUE: Final = 1000
"""Characters of the name of a column, and of a category."""

MAX_NUMBER: Final = 1e100
"""So large a number may be, and so small the reciprocal of a scale."""

SQUASHED: Final = 3.0
"""Robust standard deviations within which numbers stay nearly as they are. With 1 groups three
deviations apart came nearer, and one cloud looked like two."""

MAX_DEVIATIONS: Final = 10.0
"""Robust standard deviations from the median beyond which numbers count as so far away."""

_MONTHS: Final = 12
WEEKDAYS: Final = 7

_MAX_Z: Final = 2.0
"""Beyond the inverse hyperbolic sine of `MAX_DEVIATIONS` over three."""

Cells: TypeAlias = Sequence[str | None]
Rows: TypeAlias = NDArray[np.float64]
Name: TypeAlias = Annotated[str, Field(min_length=1, max_length=MAX_NAME)]
Value: TypeAlias = Annotated[str, Field(max_length=MAX_VALUE)]
Share: TypeAlias = Annotated[float, Field(ge=0, le=1)]


class _Plain(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class LeftOutColumn(_Plain):
    """A column that is not used, and why."""

    name: str
    reason: str


class Squashed(_Plain):
    """Numbers by the inverse hyperbolic sine of their distance from the median, standardised.

    Distances beyond ten robust standard deviations count as ten.

    Attributes
    ----------
    centre, scale
        The median, and three robust standard deviations: 1.4826 times the median absolute deviation
        from it, or the standard deviation where that is 0.
    mean, deviation
        Of the result.
    missing
        The share of missing numbers, where it is large enough for a mark of its own; else 0.
    """

    centre: float = Field(ge=-MAX_NUMBER, le=MAX_NUMBER)
    scale: float = Field(ge=1 / MAX_NUMBER, le=MAX_NUMBER)
    mean: float = Field(ge=-_MAX_Z, le=_MAX_Z)
    deviation: float = Field(ge=1e-6, le=_MAX_Z)
    missing: float = Field(default=0.0, ge=0, lt=1)

    def encoded(self, values: Rows) -> list[Rows]:
        """The numbers, 0 where one is missing, and the mark of missing ones where there is one."""
        z = (squashed(values, self.centre, self.scale) - self.mean) / self.deviation
        gone = ~np.isfinite(z)
        mark = [2 * (gone - self.missing)] if self.missing else []
        return [np.where(gone, 0.0, z), *mark]


def squashed(values: Rows, centre: float, scale: float) -> Rows:
    """Values (n,) by the inverse hyperbolic sine, those far away brought near.

    Examples
    --------
    >>> squashed(np.array([2.0, 5.0, 1e9]), 2.0, 3.0).round(2).tolist()
    [0.0, 0.88, 1.92]
    """
    most = MAX_DEVIATIONS / SQUASHED
    with np.errstate(over="ignore"):  # what is infinitely far away is brought near, too
        found: Rows = np.arcsinh(np.clip((values - centre) / scale, -most, most))
    return found


class NumberEncoding(_Plain):
    """A column of numbers.

    Attributes
    ----------
    comma, unit
        How they are written; a cell with another unit counts as missing.
    whole
        Whether all are whole and none is negative: counts.
    """

    kind: Literal["number"] = "number"
    name: Name
    comma: Comma
    unit: str = ""
    whole: bool
    scale: Squashed

    def encoded(self, cells: Cells) -> list[Rows]:
        """The columns that stand for it."""
        found = (number_of(cell, self.comma, self.unit) for cell in cells)
        return self.scale.encoded(np.array([np.nan if v is None else v for v in found], float))

    def unknown(self, cells: Cells) -> int:
        """Cells that are neither empty nor a number in the same unit."""
        found = (number_of(cell, self.comma, self.unit) for cell in cells)
        return sum(
            value is None and not is_missing(cell) for cell, value in zip(cells, found, strict=True)
        )


class DateEncoding(_Plain):
    """A column of dates: the day, and month and weekday on circles where they vary.

    Attributes
    ----------
    written
        One of `topwork.data.columns.DATE_FORMATS`.
    months, weekdays
        Whether they are used.
    """

    kind: Literal["date"] = "date"
    name: Name
    written: Literal["year-month-day", "day.month.year", "month/day/year", "day/month/year"]
    scale: Squashed
    months: bool
    weekdays: bool

    def encoded(self, cells: Cells) -> list[Rows]:
        """The columns that stand for it, which together weigh as much as one."""
        found = (days_of(cell, self.written) for cell in cells)
        days = np.array([np.nan if day is None else day for day in found], float)
        columns = self.scale.encoded(days)
        there = np.isfinite(days)
        whole = np.where(there, days, 1).astype(np.int64)
        if self.months:
            months = (whole - 1).astype("timedelta64[D]") + np.datetime64("0001-01-01", "D")
            number = months.astype("datetime64[M]").astype(np.int64) % _MONTHS
            columns += _circle(number, _MONTHS, there)
        if self.weekdays:
            columns += _circle(whole % WEEKDAYS, WEEKDAYS, there)
        weight = 1 / math.sqrt(1 + self.months + self.weekdays)
        return [weight * column for column in columns]

    def unknown(self, cells: Cells) -> int:
        """Cells that are neither empty nor a date."""
        return sum(days_of(c, self.written) is None and not is_missing(c) for c in cells)


class CategoryEncoding(_Plain):
    """A column of categories.

    Attributes
    ----------
    values
        The frequent ones; None stands for missing cells.
    rare
        Values that are joined into one more category, the last.
    shares
        Of each category.
    scale
        By which the columns, less their shares, weigh as much as one column together.
    """

    kind: Literal["category"] = "category"
    name: Name
    values: tuple[Value | None, ...] = Field(min_length=1, max_length=MAX_CATEGORIES)
    rare: tuple[Value, ...] = Field(default=(), max_length=MAX_RARE)
    shares: tuple[Share, ...] = Field(min_length=1, max_length=MAX_CATEGORIES + 1)
    scale: float = Field(ge=1, le=10)

    def codes(self, cells: Cells) -> NDArray[np.int64]:
        """The category of each cell, -1 for one that no row had."""
        known = {value: code for code, value in enumerate(self.values)}
        known |= dict.fromkeys(self.rare, len(self.values))
        by_cell = {cell: known.get(category_of(cell), -1) for cell in set(cells)}
        return np.array([by_cell[cell] for cell in cells], np.int64)

    def unknown(self, cells: Cells) -> int:
        """Cells with a value that no row had."""
        empty = np.array([is_missing(cell) for cell in cells], bool)
        return int(((self.codes(cells) < 0) & ~empty).sum())

    def encoded(self, cells: Cells) -> list[Rows]:
        """A column for each category, all 0 for a value that no row had."""
        codes = self.codes(cells)
        known = codes >= 0
        return [
            np.where(known, self.scale * ((codes == code) - share), 0.0)
            for code, share in enumerate(self.shares)
        ]


EncodedColumn: TypeAlias = Annotated[
    NumberEncoding | DateEncoding | CategoryEncoding, Field(discriminator="kind")
]


class ColumnEncoding(_Plain):
    """How the rows of a table become numbers.

    Attributes
    ----------
    columns
        Those that are used.
    left_out
        Those that are not, or the first of very many.

    Examples
    --------
    >>> from topwork.data.columns import read_columns
    >>> from topwork.features.columns import learn_encoding
    >>> columns = {"age": ["31", "48", "60", "25"] * 5, "city": ["Bern", "Chur"] * 10}
    >>> encoding = learn_encoding(read_columns(columns)[0])
    >>> row = encoding.transform({"age": ["31"], "city": ["Rome"]})
    >>> row.astype(float).round(1).tolist()
    [[-0.7, 0.0, 0.0]]
    >>> encoding.blocks().tolist()
    [0, 1, 1]
    """

    columns: tuple[EncodedColumn, ...] = Field(max_length=MAX_COLUMNS)
    left_out: tuple[LeftOutColumn, ...] = Field(default=(), max_length=MAX_LEFT_OUT)

    @property
    def names(self) -> list[str]:
        """Of the columns that are used."""
        return [column.name for column in self.columns]

    def without(self, place: int, reason: str) -> ColumnEncoding:
        """The same, with one column left out."""
        left_out = LeftOutColumn(name=self.columns[place].name, reason=reason)
        return ColumnEncoding(
            columns=(*self.columns[:place], *self.columns[place + 1 :]),
            left_out=(*self.left_out, left_out)[:MAX_LEFT_OUT],
        )

    def transform(self, columns: Mapping[str, Cells]) -> NDArray[np.float32]:
        """Rows ``(n, d)`` of the cells of each column; further columns are not looked at.

        A missing number is the mean, a category that no row had is none.
        """
        return np.column_stack(self.parts(columns)).astype(np.float32)

    def unknown(self, columns: Mapping[str, Cells]) -> dict[str, int]:
        """How many cells of each column hold what counts as missing, by the names of the columns.

        Values that no row had, and what is neither empty nor a number or date.
        """
        counts = {one.name: one.unknown(columns[one.name]) for one in self.columns}
        return {name: n for name, n in counts.items() if n}

    def parts(self, columns: Mapping[str, Cells]) -> list[Rows]:
        """The same column by column, n each."""
        return [part for one in self.columns for part in one.encoded(columns[one.name])]

    def blocks(self) -> NDArray[np.int64]:
        """Which of the used columns each of the d encoded ones comes from, ``(d,)``."""
        empty: dict[str, Cells] = {name: [None] for name in self.names}
        widths = [len(one.encoded(empty[one.name])) for one in self.columns]
        return np.repeat(np.arange(len(widths)), widths)


def _circle(values: NDArray[np.int64], period: int, there: NDArray[np.bool_]) -> list[Rows]:
    angle = 2 * np.pi * values / period
    return [np.where(there, np.sin(angle), 0.0), np.where(there, np.cos(angle), 0.0)]
