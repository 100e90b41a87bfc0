"""A table of customers of a shop, with kinds of them that are known."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Columns = dict[str, list[str | None]]


def customers(n: int = 400, seed: int = 0) -> tuple[Columns, NDArray[np.intp]]:
    """Columns as text, with useless ones among them, and which of three kinds each row is of."""
    rng = np.random.default_rng(seed)
    kinds = rng.choice(3, n, p=[0.5, 0.3, 0.2])
    age = rng.normal(np.array([26, 44, 64])[kinds], 5).round()
    visits = rng.poisson(np.array([2, 14, 7])[kinds])
    spent = rng.lognormal(np.array([3.0, 4.4, 3.6])[kinds], 0.3).round(2)
    since = np.datetime64("2020-01-01") + rng.integers(0, 400, n)
    channel = [rng.choice(["web", "store", "phone"], p=p) for p in _CHANNELS[kinds]]
    columns: Columns = {
        "customer_id": [str(1000 + i) for i in range(n)],
        "age": [None if rng.random() < 0.1 else f"{v:.0f}" for v in age],
        "visits": [str(v) for v in visits],
        "spent": [f"{v:,.2f} CHF" for v in spent],
        "since": [str(day) for day in since],
        "channel": [str(one) for one in channel],
        "newsletter": [str(rng.choice(["yes", "no"])) for _ in range(n)],
        "currency": ["CHF"] * n,
        "spent_in_cents": [str(round(100 * v)) for v in spent],
        "notes": [f"asked for {rng.integers(10**6)} things on the phone" for _ in range(n)],
        "fax": [None] * (n - 1) + ["0815"],
    }
    return columns, kinds


_CHANNELS = np.array([[0.7, 0.2, 0.1], [0.2, 0.7, 0.1], [0.1, 0.3, 0.6]])


def shuffled(columns: Columns, seed: int = 0) -> Columns:
    """The same with each column in an order of its own."""
    rng = np.random.default_rng(seed)
    return {
        name: [cells[i] for i in rng.permutation(len(cells))] for name, cells in columns.items()
    }


def write(table: Path, columns: Columns) -> Path:
    """The columns as a CSV file."""
    with table.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return table
