"""The encoding of the columns of a table, learnt from its rows."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

import numpy as np

from topwork.data.columns import (
    CategoryCells,
    ColumnCells,
    LeftOut,
    NumberCells,
    TextCells,
    UsedCells,
)
from topwork.data.preprocessing.words import words_of
from topwork.errors import DataError
from topwork.features.columns.encoding import (
    MAX_CATEGORIES,
    MAX_COLUMNS,
    MAX_LEFT_OUT,
    MAX_RARE,
    MAX_VALUE,
    MAX_WORDS,
    WEEKDAYS,
    CategoryEncoding,
    ColumnEncoding,
    DateEncoding,
    EncodedColumn,
    LeftOutColumn,
    NumberEncoding,
    WordsEncoding,
)
from topwork.features.columns.scales import (
    MAX_DEVIATIONS,
    MAX_NUMBER,
    SQUASHED,
    Rows,
    Squashed,
    Standardised,
    squashed,
)

MIN_ROWS: Final = 5
MIN_SHARE: Final = 0.02
"""Rows, and share of them, that a category or a mark of missing cells stands for at least."""

MAX_BYTES: Final = 12 * 2**20
"""Of the encoding as text: a saved model is read only if it is not much larger."""

MAX_RARE_BYTES: Final = MAX_BYTES // 2
"""Of the rare categories of all columns together."""

_AROUND: Final = 8
"""Bytes around a category in a saved model: a comma, a new line and blanks."""

_TWO_YEARS: Final = 730


def learn_encoding(
    cells: Sequence[ColumnCells], *, linear: bool = False, min_share: float = MIN_SHARE
) -> ColumnEncoding:
    """The encoding of columns that were read, each of the weight of one column.

    Numbers by the inverse hyperbolic sine of their robust distance from the median, so that few
    large ones don't outweigh the rest; categories, less their shares, by a common factor.

    Parameters
    ----------
    linear
        Whether numbers without any that is far away are standardised instead.
    min_share
        Share of the rows that a category or a mark of missing cells stands for at least.

    Raises
    ------
    DataError
        More columns can be used, or their categories are longer, than a model may hold.
    """
    n_used = sum(not isinstance(one, LeftOut) for one in cells)
    if n_used > MAX_COLUMNS:
        raise DataError(
            f"The table has {n_used:,} columns that say something of its rows, and at "
            f"most {MAX_COLUMNS:,} can be used.",
            remedy="Give a table with fewer columns.",
            code="too_many_columns",
        )
    rare_bytes = MAX_RARE_BYTES // max(1, sum(isinstance(one, CategoryCells) for one in cells))
    used, left_out = [], []
    for one in cells:
        found = (
            one.reason
            if isinstance(one, LeftOut)
            else _learnt(one, rare_bytes, linear=linear, min_share=min_share)
        )
        if isinstance(found, str):
            left_out.append(LeftOutColumn(name=one.name, reason=found))
        else:
            used.append(found)
    encoding = ColumnEncoding(columns=tuple(used), left_out=tuple(left_out[:MAX_LEFT_OUT]))
    if len(encoding.model_dump_json(indent=1).encode()) > MAX_BYTES:
        raise DataError(
            f"The names and the categories of the columns fill more than {MAX_BYTES >> 20} MiB.",
            remedy="Give a table with fewer columns, or with shorter categories.",
            code="too_large",
        )
    return encoding


def _learnt(
    cells: UsedCells, rare_bytes: int, *, linear: bool, min_share: float
) -> EncodedColumn | str:
    """The encoding of one column, or why there is none."""
    least = _least(len(cells.values), min_share)
    if isinstance(cells, CategoryCells):
        return _categories(cells, rare_bytes, least)
    if isinstance(cells, TextCells):
        return _words(cells, least)
    there = cells.values[np.isfinite(cells.values)]
    squashed_scale = _squashed(cells.values, least)
    scale: Squashed | Standardised | None = squashed_scale
    if linear and squashed_scale is not None and isinstance(cells, NumberCells):
        scale = _standardised(cells.values, squashed_scale)
    if scale is None:
        return "numbers that are too large, or differ too little, to compute with"
    if isinstance(cells, NumberCells):
        whole = bool((there == np.round(there)).all() and (there >= 0).all())
        return NumberEncoding(
            name=cells.name, comma=cells.comma, unit=cells.unit, whole=whole, scale=scale
        )
    weekdays = np.bincount(there.astype(np.int64) % WEEKDAYS, minlength=WEEKDAYS)
    return DateEncoding.model_validate(
        {
            "name": cells.name,
            "written": cells.written,
            "scale": scale,
            "months": bool(np.ptp(there) >= _TWO_YEARS),
            "weekdays": int((weekdays >= _least(len(there), min_share)).sum()) > 1,
        }
    )


def _squashed(values: Rows, least: int) -> Squashed | None:
    """None where numbers are too large, or too close, for what is computed of them."""
    there = np.sort(values[np.isfinite(values)])
    with np.errstate(over="ignore", invalid="ignore"):
        centre = float(np.median(there))
        robust = 1.4826 * float(np.median(np.abs(there - centre))) or float(there.std())
    scale = SQUASHED * robust
    if not (abs(centre) <= MAX_NUMBER and 1 / MAX_NUMBER <= scale <= MAX_NUMBER):
        return None
    z = squashed(there, centre, scale)
    missing = 1 - len(there) / len(values)
    marked = len(values) - len(there) >= least
    return Squashed(
        centre=centre,
        scale=scale,
        mean=float(z.mean()),
        deviation=float(z.std()),
        missing=missing if marked else 0.0,
    )


def _standardised(values: Rows, scale: Squashed) -> Squashed | Standardised:
    """The numbers as they are, unless some are so far away that they would outweigh the rest."""
    there = values[np.isfinite(values)]
    farthest = MAX_DEVIATIONS / SQUASHED * scale.scale
    if np.abs(there - scale.centre).max() > farthest:
        return scale
    return Standardised(
        mean=float(there.mean()),
        deviation=float(there.std()),
        least=float(there.min()),
        most=float(there.max()),
        missing=scale.missing,
    )


def _words(cells: TextCells, least: int) -> WordsEncoding | str:
    """The most frequent words that several texts hold and several don't."""
    texts = [set(words_of(text)) for text in cells.values if text is not None]
    counts = Counter(word for words in texts for word in words)
    found = [w for w, n in counts.items() if least <= n <= len(cells.values) - least]
    found = sorted((w for w in found if len(w) <= MAX_VALUE), key=lambda w: (-counts[w], w))
    found = sorted(found[:MAX_WORDS])
    if not found:
        return f"free text without a word that {least} rows have and {least} don't"
    idf = [1 + math.log((1 + len(texts)) / (1 + counts[word])) for word in found]
    return WordsEncoding(name=cells.name, words=tuple(found), idf=tuple(idf))


def _categories(cells: CategoryCells, rare_bytes: int, least: int) -> CategoryEncoding | str:
    """Frequent categories by frequency, unless only one of them is left."""
    counts = Counter(cells.values)
    ranked = sorted(counts, key=lambda value: (-counts[value], value is None, value or ""))
    frequent = [value for value in ranked if counts[value] >= least][:MAX_CATEGORIES]
    if any(len(value) > MAX_VALUE for value in frequent if value is not None):
        return f"texts of more than {MAX_VALUE:,} characters"
    rest = (value for value in ranked if value is not None and value not in frequent)
    stored = list(islice(_storable(rest, rare_bytes), MAX_RARE))
    rare = tuple(stored) if sum(counts[value] for value in stored) >= least else ()
    codes = [counts[value] for value in frequent]
    if rare:
        codes.append(sum(counts[value] for value in rare))
    if len(codes) < 2:
        return "one value in nearly all rows"
    shares = np.array(codes) / sum(codes)
    return CategoryEncoding(
        name=cells.name,
        values=tuple(frequent),
        rare=rare,
        shares=tuple(map(float, shares)),
        scale=float(1 / np.sqrt(1 - np.square(shares).sum())),
    )


def _storable(values: Iterable[str], most_bytes: int) -> Iterator[str]:
    """The short ones of the first categories that fill so many bytes; others are unknown."""
    for value in values:
        if len(value) > MAX_VALUE:
            continue
        most_bytes -= len(json.dumps(value, ensure_ascii=False).encode()) + _AROUND
        if most_bytes < 0:
            return
        yield value


def _least(n: int, min_share: float) -> int:
    return max(MIN_ROWS, math.ceil(min_share * n))
