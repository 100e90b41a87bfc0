"""The customers of a shop: four kinds of them, and who left."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import numpy as np

N = 400


def write_customers(folder: Path, seed: int) -> None:
    """Write customers.csv: a number, dates, categories, empty cells, and the column ``left``."""
    rng = np.random.default_rng((seed, 6))
    kinds = rng.choice(4, N, p=[0.4, 0.3, 0.2, 0.1])
    age = rng.normal(np.array([28, 45, 62, 38])[kinds], 6).clip(18, 90)
    orders = rng.poisson(np.array([3, 12, 6, 40])[kinds])
    basket = rng.lognormal(np.array([3.0, 4.2, 3.6, 5.0])[kinds], 0.35)
    days = rng.exponential(np.array([60, 15, 120, 5])[kinds]).clip(0, 700)
    shares = np.array([[0.8, 0.15], [0.2, 0.7], [0.1, 0.3], [0.6, 0.4]])[kinds]
    draws = rng.random(N)
    channel = [
        "web" if d < w else "store" if d < w + s else "phone"
        for d, (w, s) in zip(draws, shares, strict=True)
    ]
    odds = 0.012 * days - 0.06 * orders - 0.6
    left = rng.random(N) < 1 / (1 + np.exp(-odds))
    region = [("north", "east", "south", "west")[i] for i in rng.integers(0, 4, N)]
    bought = [date(2026, 6, 30) - timedelta(days=int(d)) for d in days]
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "customers.csv").open("w", encoding="utf-8", newline="") as file:
        write = csv.writer(file)
        write.writerow(
            ("customer", "age", "orders", "basket", "last order", "channel", "region", "left")
        )
        for i in range(N):
            cells = [f"C{i + 1000}", f"{age[i]:.0f}", orders[i], f"{basket[i]:.2f}", bought[i]]
            if rng.random() < 0.05:
                cells[1] = ""
            write.writerow((*cells, channel[i], region[i], "yes" if left[i] else "no"))
