"""The encoding of the columns of a table, kept as plain data."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Final, Literal, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from topwork.data.columns import Comma, days_of, number_of
from topwork.data.columns.cell_kinds import is_missing
from topwork.data.columns.column_reading import category_of
from topwork.data.preprocessing.words import words_of
from topwork.features.columns.scales import PlainData, Rows, Squashed, Standardised

MAX_CATEGORIES: Final = 20
"""Of a column; those beyond are joined with the rare ones."""

MAX_RARE: Final = 1000
"""Categories that are joined into one."""

MAX_WORDS: Final = 200
"""Of a column of texts."""

MAX_COLUMNS: Final = 1000
MAX_LEFT_OUT: Final = 10_000
MAX_NAME: Final = 1000
MAX_VALUE: Final = 1000
"""Characters of the name of a column, and of a category."""

_MONTHS: Final = 12
WEEKDAYS: Final = 7

Cells: TypeAlias = Sequence[str | None]
Name: TypeAlias = Annotated[str, Field(min_length=1, max_length=MAX_NAME)]
Value: TypeAlias = Annotated[str, Field(max_length=MAX_VALUE)]
Share: TypeAlias = Annotated[float, Field(ge=0, le=1)]


class LeftOutColumn(PlainData):
    """A column that is not used, and why."""

    name: str
    reason: str


class NumberEncoding(PlainData):
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
    scale: Squashed | Standardised

    @property
    def features(self) -> list[str]:
        """What its columns are called."""
        return _with_mark(self.name, self.scale)

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


class DateEncoding(PlainData):
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

    @property
    def features(self) -> list[str]:
        """What its columns are called."""
        circles = ["month"] * self.months + ["weekday"] * self.weekdays
        angles = [f"{self.name}: {of} ({part})" for of in circles for part in ("sine", "cosine")]
        return [*_with_mark(self.name, self.scale), *angles]

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


class CategoryEncoding(PlainData):
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

    @property
    def features(self) -> list[str]:
        """What its columns are called."""
        named = ["missing" if value is None else value for value in self.values]
        return [f"{self.name}: {value}" for value in [*named, *["other values"] * bool(self.rare)]]

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


class WordsEncoding(PlainData):
    """A column of texts, by which of its frequent words each holds.

    Attributes
    ----------
    words
        In small letters.
    idf
        Weight of each word: one more than the logarithm of the number of texts over those that hold
        it (https://scikit-learn.org, ``TfidfTransformer``).
    """

    kind: Literal["words"] = "words"
    name: Name
    words: tuple[Value, ...] = Field(min_length=1, max_length=MAX_WORDS)
    idf: tuple[Annotated[float, Field(ge=0, le=100)], ...] = Field(
        min_length=1, max_length=MAX_WORDS
    )

    @model_validator(mode="after")
    def _belong_together(self) -> Self:
        if len(self.idf) != len(self.words):
            raise ValueError("words and weights that do not belong together")
        return self

    @property
    def features(self) -> list[str]:
        """What its columns are called."""
        return [f"{self.name}: {word!r}" for word in self.words]

    def encoded(self, cells: Cells) -> list[Rows]:
        """A column for each word; the row of a text that holds any has the length 1."""
        places = {word: place for place, word in enumerate(self.words)}
        found = np.zeros((len(cells), len(self.words)))
        for row, cell in enumerate(cells):
            if not is_missing(cell):
                own = [places[word] for word in set(words_of(cell or "")) if word in places]
                found[row, own] = 1.0
        found *= np.array(self.idf)
        found /= np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12)
        return list(found.T)

    def unknown(self, cells: Cells) -> int:
        """Texts without any of the words."""
        known = set(self.words)
        return sum(not is_missing(c) and known.isdisjoint(words_of(c or "")) for c in cells)


EncodedColumn: TypeAlias = Annotated[
    NumberEncoding | DateEncoding | CategoryEncoding | WordsEncoding, Field(discriminator="kind")
]


class ColumnEncoding(PlainData):
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

    @property
    def features(self) -> list[str]:
        """What the d encoded columns are called."""
        return [name for column in self.columns for name in column.features]

    def missing(self, columns: Mapping[str, Cells]) -> list[str]:
        """Columns that are used and not there; in `transform` all their cells are empty."""
        return [name for name in self.names if name not in columns]

    def without(self, place: int, reason: str) -> ColumnEncoding:
        """The same, with one column left out."""
        left_out = LeftOutColumn(name=self.columns[place].name, reason=reason)
        return ColumnEncoding(
            columns=(*self.columns[:place], *self.columns[place + 1 :]),
            left_out=(*self.left_out, left_out)[:MAX_LEFT_OUT],
        )

    def transform(self, columns: Mapping[str, Cells]) -> NDArray[np.float32]:
        """Rows ``(n, d)`` of the cells of each column; further columns are not looked at.

        A missing number is the mean, a category that no row had is none, and of a column that is
        not there all cells are missing; `missing` names those.
        """
        parts = self.parts(columns)
        found = np.empty((len(parts[0]) if parts else 0, len(parts)), np.float32)
        for place, part in enumerate(parts):
            found[:, place] = part
        return found

    def unknown(self, columns: Mapping[str, Cells]) -> dict[str, int]:
        """How many cells of each column hold what counts as missing, by the names of the columns.

        Values that no row had, and what is neither empty nor a number or date.
        """
        there = [one for one in self.columns if one.name in columns]
        counts = {one.name: one.unknown(columns[one.name]) for one in there}
        return {name: n for name, n in counts.items() if n}

    def parts(self, columns: Mapping[str, Cells]) -> list[Rows]:
        """The same column by column, n each."""
        n = len(next(iter(columns.values()), ()))
        absent: Cells = [None] * n
        return [part for one in self.columns for part in one.encoded(columns.get(one.name, absent))]

    def blocks(self) -> NDArray[np.int64]:
        """Which of the used columns each of the d encoded ones comes from, ``(d,)``."""
        widths = [len(one.features) for one in self.columns]
        return np.repeat(np.arange(len(widths)), widths)


def _with_mark(name: str, scale: Squashed | Standardised) -> list[str]:
    return [name, *[f"{name}: missing"] * bool(scale.missing)]


def _circle(values: NDArray[np.int64], period: int, there: NDArray[np.bool_]) -> list[Rows]:
    angle = 2 * np.pi * values / period
    return [np.where(there, np.sin(angle), 0.0), np.where(there, np.cos(angle), 0.0)]
