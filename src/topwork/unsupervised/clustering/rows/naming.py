"""What clusters of rows are called: by the columns in which they differ from all rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from topwork.data.columns import RowTable, days_of, number_of
from topwork.features.columns import (
    CategoryEncoding,
    ColumnEncoding,
    DateEncoding,
    NumberEncoding,
)
from topwork.unsupervised.clustering.result import Difference

N_COLUMNS = 3
"""That name a cluster."""

MIN_DIFFERENCE = 0.4
"""Standard deviations that a difference must have to be named."""

_LISTED = 8
_MAJORITY = 0.5
_YES = frozenset(("yes", "true", "1"))
_NO = frozenset(("no", "false", "0"))

Codes = NDArray[np.integer]


def differences(
    table: RowTable, encoding: ColumnEncoding, codes: Codes, k: int
) -> list[list[Difference]]:
    """The columns by which the rows of each of k clusters differ from all, the largest first.

    Parameters
    ----------
    codes
        The cluster of each row, ``(n,)``.
    """
    found: list[list[Difference]] = [[] for _ in range(k)]
    for column in encoding.columns:
        cells = table.columns[column.name]
        if isinstance(column, CategoryEncoding):
            of_column = _of_category(column, cells, codes, k)
        elif isinstance(column, NumberEncoding):
            of_column = _of_number(column, cells, codes, k)
        else:
            of_column = _of_date(column, cells, codes, k)
        for code, one in enumerate(of_column):
            if one is not None and abs(one.size) >= MIN_DIFFERENCE:
                found[code].append(one)
    return [sorted(own, key=lambda d: -abs(d.size))[:_LISTED] for own in found]


def names_of(found: Sequence[Sequence[Difference]], exemplars: Sequence[str]) -> list[str]:
    """The differences in words; the row nearest to the centre where there are none.

    Examples
    --------
    >>> visits = Difference(column="visits", words="few visits", size=-1.2, detail="")
    >>> names_of([[visits], []], ["customers.csv:2", "customers.csv:7"])
    ['few visits', 'like customers.csv:7']
    """
    return [
        ", ".join(one.words for one in own[:N_COLUMNS]) or f"like {exemplar}"
        for own, exemplar in zip(found, exemplars, strict=True)
    ]


def _of_number(
    column: NumberEncoding, cells: Sequence[str | None], codes: Codes, k: int
) -> list[Difference | None]:
    values = _floats([number_of(cell, column.comma, column.unit) for cell in cells])
    more, less = ("many", "few") if column.whole and column.name.endswith("s") else ("high", "low")
    return _medians(column, values, codes, k, words=(more, less), shown=lambda v: f"{v:.4g}")


def _of_date(
    column: DateEncoding, cells: Sequence[str | None], codes: Codes, k: int
) -> list[Difference | None]:
    values = _floats([days_of(cell, column.written) for cell in cells])
    day = np.datetime64("0001-01-01", "D")

    def shown(value: float) -> str:
        return str(day + np.timedelta64(int(value) - 1, "D"))

    return _medians(column, values, codes, k, words=("late", "early"), shown=shown)


def _medians(
    column: NumberEncoding | DateEncoding,
    values: NDArray[np.float64],
    codes: Codes,
    k: int,
    *,
    words: tuple[str, str],
    shown: Callable[[float], str],
) -> list[Difference | None]:
    """How far the mean of each cluster is from that of all, and both medians."""
    scores = column.scale.encoded(values)[0]
    there = np.isfinite(values)
    overall = shown(float(np.median(values[there])))
    found: list[Difference | None] = []
    for code in range(k):
        mine = (codes == code) & there
        if not mine.any():
            found.append(None)
            continue
        size = float(scores[mine].mean() - scores[there].mean())
        said = f"{words[0] if size > 0 else words[1]} {column.name}"
        detail = f"median {shown(float(np.median(values[mine])))}, of all {overall}"
        found.append(Difference(column=column.name, words=said, size=size, detail=detail))
    return found


def _of_category(
    column: CategoryEncoding, cells: Sequence[str | None], codes: Codes, k: int
) -> list[Difference | None]:
    own = column.codes(cells)
    named = [*column.values, *(["other values"] if column.rare else [])]
    shares = np.array([(own == value).mean() for value in range(len(named))])
    deviations = np.sqrt(np.maximum(shares * (1 - shares), 1e-12))
    found: list[Difference | None] = []
    for code in range(k):
        mine = own[codes == code]
        here = np.array([(mine == value).mean() for value in range(len(named))])
        sizes = (here - shares) / deviations
        best = max(range(len(named)), key=lambda v: (abs(round(sizes[v], 9)), sizes[v], -v))
        words = _category_words(column.name, named[best], float(here[best]), float(sizes[best]))
        detail = f"{100 * here[best]:.0f} % of them, {100 * shares[best]:.0f} % of all"
        size = float(sizes[best])
        found.append(Difference(column=column.name, words=words, size=size, detail=detail))
    return found


def _category_words(name: str, value: str | None, share: float, size: float) -> str:
    if value is None:
        return f"{name} {'missing' if size > 0 else 'known'}"
    if value.lower() in _YES | _NO:
        yes = (value.lower() in _YES) == (size > 0)
        return f"{name}: {'mostly' if share >= _MAJORITY or size < 0 else 'more often'} " + (
            "yes" if yes else "no"
        )
    if size < 0:
        return f"seldom {name} {value}"
    return f"{'mostly' if share >= _MAJORITY else 'more'} {name} {value}"


def _floats(values: Sequence[float | None]) -> NDArray[np.float64]:
    return np.array([np.nan if value is None else value for value in values], np.float64)
