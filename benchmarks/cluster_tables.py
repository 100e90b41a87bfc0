"""Tables of columns whose groups are known, and tables without any."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.data.columns import (
    CategoryCells,
    LeftOut,
    RowTable,
    read_columns,
    row_table,
)

Rows = NDArray[np.float32]
Codes = NDArray[np.intp]
Columns = dict[str, list[str]]

CHANNELS = np.array([[7, 2, 1], [3, 6, 1], [1, 3, 6], [2, 7, 1]]) / 10


@dataclass(frozen=True, eq=False)
class GroupedTable:
    """A table with the group of each row, (n,)."""

    name: str
    table: RowTable
    codes: Codes


def grouped_tables() -> Iterator[GroupedTable]:
    """Wine, and customers of a shop: as they are, and with columns of noise and absurd amounts."""
    from sklearn.datasets import load_wine

    X, codes = load_wine(return_X_y=True)
    wine = {f"column {j}": X[:, j].tolist() for j in range(X.shape[1])}
    yield GroupedTable("wine", row_table(wine), codes)
    yield _customers("customers")
    yield _customers("customers, noise", n_noise=7)
    yield _customers("customers, outliers", n_outliers=3)


def _customers(name: str, *, n_noise: int = 0, n_outliers: int = 0) -> GroupedTable:
    columns, codes = customers(n_noise=n_noise, n_outliers=n_outliers)
    return GroupedTable(name, row_table(columns), codes)


def customers(
    n: int = 600, seed: int = 0, *, n_noise: int = 0, n_outliers: int = 0
) -> tuple[Columns, Codes]:
    """Four kinds of customers of a shop: five numbers, a category, and three columns of noise.

    Parameters
    ----------
    n_noise
        Further columns that say nothing: yes or no, amounts, marks from 1 to 5 in turn.
    n_outliers
        Cells of each of three columns that are a hundred times too large.
    """
    rng = np.random.default_rng(seed)
    kinds = rng.choice(4, n, p=[0.4, 0.3, 0.2, 0.1])
    numbers = {
        "age": rng.normal(np.array([28, 45, 62, 38])[kinds], 7),
        "orders": rng.poisson(np.array([3, 12, 6, 40])[kinds]).astype(float),
        "basket": rng.lognormal(np.array([3.0, 4.2, 3.6, 5.0])[kinds], 0.4),
        "days since": rng.exponential(np.array([40, 15, 90, 5])[kinds]),
        "returned": rng.beta(*np.array([[6, 14], [2, 18], [1, 19], [3, 17]])[kinds].T),
        "height": rng.normal(size=n),
        "mood": rng.normal(size=n),
    }
    channel = (rng.random((n, 1)) > CHANNELS[kinds].cumsum(axis=1)).sum(axis=1)
    columns: Columns = {
        "channel": [("web", "store", "phone")[min(code, 2)] for code in channel],
        "region": [("north", "east", "south", "west")[code] for code in rng.integers(0, 4, n)],
    }
    for j in range(n_noise):
        drawn: Callable[[], NDArray[np.generic]] = (
            lambda: rng.random(n) < 0.3,
            lambda: rng.lognormal(0, 1, n),
            lambda: rng.integers(1, 6, n),
        )[j % 3]
        columns[f"noise {j}"] = [str(value) for value in drawn()]
    for name in ("orders", "basket", "days since"):
        numbers[name][rng.integers(0, n, n_outliers)] *= 100
    return {**{name: [repr(float(v)) for v in x] for name, x in numbers.items()}, **columns}, kinds


def standardised(table: RowTable) -> Rows:
    """What it is held against: standardised numbers, and 0 or 1 for each category."""
    columns = []
    for one in read_columns(table.columns)[0]:
        if isinstance(one, CategoryCells):
            different = sorted({value for value in one.values if value is not None})
            columns += [np.array([v == value for v in one.values], float) for value in different]
        elif not isinstance(one, LeftOut):
            x = np.nan_to_num(one.values, nan=float(np.nanmean(one.values)))
            columns.append((x - x.mean()) / x.std())
    return np.column_stack(columns).astype(np.float32)


def _shuffled_customers(rng: np.random.Generator, n: int) -> Columns:
    columns, _ = customers(n, int(rng.integers(10**6)), n_noise=3)
    return {k: [cells[i] for i in rng.permutation(n)] for k, cells in columns.items()}


def _steps(rng: np.random.Generator, n: int) -> Columns:
    answers = rng.normal(size=(n, 1)) + rng.normal(size=(n, 8))
    levels = np.clip(np.round(answers + 3), 1, 5).astype(int)
    return {f"question {j}": [str(v) for v in levels[:, j]] for j in range(8)}


def _yes_or_no(rng: np.random.Generator, n: int) -> Columns:
    yes = rng.normal(size=(n, 1)) + rng.normal(size=(n, 8)) > np.linspace(-1, 1, 8)
    return {f"question {j}": ["yes" if v else "no" for v in yes[:, j]] for j in range(8)}


def _two_related(rng: np.random.Generator, n: int) -> Columns:
    z = rng.normal(size=(n, 6))
    z[:, 1] = z[:, 0] + z[:, 1] / 2
    more = {"a": rng.random(n) < 0.5, "b": rng.integers(0, 4, n)}
    amounts = {f"amount {j}": [repr(float(v)) for v in np.exp(z[:, j])] for j in range(6)}
    return {**amounts, **{name: [f"is {v}" for v in values] for name, values in more.items()}}


TABLES: dict[str, Callable[[np.random.Generator, int], Columns]] = {
    "customers, each column shuffled": _shuffled_customers,
    "one factor, answers of five steps": _steps,
    "one factor, yes or no": _yes_or_no,
    "two related amounts among others": _two_related,
}
"""Without groups."""
