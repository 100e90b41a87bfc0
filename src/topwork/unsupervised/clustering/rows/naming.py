"""What clusters of rows are called: by the columns in which they differ from all rows."""

from __future__ import annotations

from collections import Counter
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
_MAX_CHARACTERS = 200
"""Of the name of a column, a category or a row in the name of a cluster."""

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
        elif isinstance(column, DateEncoding):
            of_column = _of_date(column, cells, codes, k)
        else:
            continue
        for code, one in enumerate(of_column):
            if one is not None and abs(one.size) >= MIN_DIFFERENCE:
                found[code].append(one)
    return [sorted(own, key=lambda d: -abs(d.size))[:_LISTED] for own in found]


def names_of(found: Sequence[Sequence[Difference]], exemplars: Sequence[str]) -> list[str]:
    """The largest differences in words; more of them where two clusters would be called alike.

    Where there are none, or no more, the row that is nearest to the centre is named.

    Examples
    --------
    >>> visits = Difference(column="visits", words="few visits", size=-1.2, detail="")
    >>> names_of([[visits], []], ["customers.csv:2", "customers.csv:7"])
    ['few visits', 'like customers.csv:7']
    """
    longest = max((len(own) for own in found), default=0)
    names = [", ".join(one.words for one in own[:N_COLUMNS]) for own in found]
    for n in range(N_COLUMNS + 1, longest + 1):
        again = _twice(names)
        for code in again:
            names[code] = ", ".join(one.words for one in found[code][:n])
    for code in [code for code, name in enumerate(names) if not name or code in _twice(names)]:
        names[code] = ", ".join(filter(None, (names[code], f"like {_written(exemplars[code])}")))
    for code in _twice(names):
        names[code] = f"{names[code]} ({code})"
    return names


def _twice(names: Sequence[str]) -> list[int]:
    """Positions of names that others have, too."""
    counts = Counter(names)
    return [place for place, name in enumerate(names) if counts[name] > 1]


def _written(text: str) -> str:
    """So much of a text as a name has room for, as UTF-8 can write it."""
    plain = text.encode("utf-8", "replace").decode("utf-8")
    return plain if len(plain) <= _MAX_CHARACTERS else f"{plain[: _MAX_CHARACTERS - 3]}..."


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
        said = f"{words[0] if size > 0 else words[1]} {_written(column.name)}"
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
    name = _written(name)
    if value is None:
        return f"{name} {'missing' if size > 0 else 'known'}"
    often = "mostly" if share >= _MAJORITY else "more often"
    if value.lower() in _YES | _NO:
        said = "yes" if value.lower() in _YES else "no"
        return f"{name}: {often if size > 0 else 'seldom'} {said}"
    if size < 0:
        return f"seldom {name} {_written(value)}"
    return f"{'mostly' if share >= _MAJORITY else 'more'} {name} {_written(value)}"


def _floats(values: Sequence[float | None]) -> NDArray[np.float64]:
    return np.array([np.nan if value is None else value for value in values], np.float64)
