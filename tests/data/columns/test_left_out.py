"""Columns that are left out: those that say nothing, identifiers, and copies of others."""

from __future__ import annotations

import numpy as np
import pytest

from tests.data.columns.cells import NAMES, N
from topwork.data.columns import CategoryCells, LeftOut, NumberCells, read_column, read_columns

RNG = np.random.default_rng(0)


def left_out(table: dict[str, list[str | None]]) -> dict[str, str]:
    return {one.name: one.reason for one in read_columns(table)[0] if isinstance(one, LeftOut)}


@pytest.mark.parametrize(
    ("name", "cells", "reason"),
    [
        ("c", ["7"] * N, "one value"),
        ("c", ["2024-01-01"] * N, "one value"),
        ("c", [str(i) for i in range(100, 100 + N)], "an identifier: every row has a number"),
        ("customer_id", [str(i * i) for i in range(N)], "an identifier: every row has a number"),
        ("c", [f"key {i}" for i in range(N)], "an identifier: nearly every row has a text"),
        ("c", [f"a note of so many words {i // 2}" for i in range(N)], "one value"),
        ("c", [f"a note of so many words {i}" for i in range(N)], "free text"),
        (
            "c",
            [
                None if i % 5 < 3 else "calls often" if i % 5 == 3 else f"by post {i}"
                for i in range(N)
            ],
            "free text",
        ),
        ("c", ["7", *[None] * (N - 1)], "nearly all cells are empty"),
        ("c", [f"place {i % 250}" for i in range(500)], "250 different values"),
    ],
)
def test_useless_columns_are_left_out(name: str, cells: list[str | None], reason: str) -> None:
    found = read_column(name, cells, [])
    if reason == "one value" and "note" in str(cells[0]):
        assert isinstance(found, CategoryCells), "half as many texts as rows are categories"
        return
    assert isinstance(found, LeftOut)
    assert found.reason.startswith(reason)


def test_categories_with_rare_ones_are_no_free_text() -> None:
    towns = ["Bern" if i % 2 else f"Oberdorf {i}" for i in range(N)]
    assert isinstance(read_column("town", towns, []), CategoryCells)


def test_numbers_that_are_no_identifier_stay() -> None:
    assert isinstance(read_column("score", [str(i * i) for i in range(N)], []), NumberCells)


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("row", [*range(500, 500 + N), 503]),
        ("row", [*range(500, 500 + N), 503, 9999999]),
        ("customer_id", [*(i * i for i in range(N)), 49]),
    ],
)
def test_an_identifier_may_have_few_repeats(name: str, numbers: list[int]) -> None:
    assert read_column(name, [str(i) for i in numbers], []) == LeftOut(
        name, "an identifier: nearly every row has a number of its own"
    )
    often = [str(numbers[i // 2]) for i in range(N)]
    assert isinstance(read_column(name, often, []), NumberCells)


def test_columns_that_say_the_same_are_left_out() -> None:
    x = RNG.normal(size=N)
    table = {
        "metres": [f"{v:.6f}" for v in x],
        "feet": [f"{3.28084 * v:.6f}" for v in x],
        "town": [NAMES[i % 3] for i in range(N)],
        "again": [NAMES[i % 3] for i in range(N)],
        "country": ["CH" if i % 3 else "FR" for i in range(N)],
        "other": ["a" if v > 0 else "b" for v in x],
    }
    found, _ = read_columns(table)
    assert {one.name: one.reason for one in found if isinstance(one, LeftOut)} == {
        "feet": "the same as 'metres'",
        "again": "the same as 'town'",
        "country": "follows from 'town'",
    }


def test_one_far_row_makes_no_copy_and_hides_none() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.normal(40, 9, (2, 400)).round(1)
    amounts = {"x": x, "y": y, "minus": 20 - 2.54 * x, "near": x + rng.normal(0, 1, 400)}
    table: dict[str, list[str | None]] = {
        name: [f"{v:.3f}" for v in values] for name, values in amounts.items()
    }
    assert left_out(table) == {"minus": "the same as 'x'"}
    for name in ("x", "y", "near"):
        table[name][7] = "9999999"
    assert left_out(table) == {}
    table["minus"][7] = f"{20 - 2.54 * 9999999:.3f}"
    assert left_out(table) == {"minus": "the same as 'x'"}


def test_copies_are_found_where_most_numbers_are_zero() -> None:
    rng = np.random.default_rng(1)
    x = np.where(rng.random(300) < 0.9, 0, rng.lognormal(size=300)).round(2)
    y = np.where(x > 0, rng.lognormal(size=300), 0).round(2)
    assert left_out(
        {name: [repr(float(v)) for v in c] for name, c in (("x", x), ("y", y), ("z", 100 * x))}
    ) == {"z": "the same as 'x'"}
    assert left_out({"far": ["1e308", "-1e308", "3", "7"] * 9, "x": ["1", "2", "3", "5"] * 9}) == {}
