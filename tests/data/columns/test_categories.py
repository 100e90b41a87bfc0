"""Columns of categories, some of which look like numbers."""

from __future__ import annotations

import numpy as np
import pytest

from tests.data.columns.cells import N, read
from topwork.data.columns import CategoryCells, LeftOut, NumberCells, read_column, read_columns


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (("yes", "No"), ["yes", "no"]),
        (("1.0", "0"), ["1", "0"]),
        (("True", "false"), ["true", "false"]),
        (("x", None), ["x", None]),
        (("Bern", "Chur", "n/a"), ["Bern", "Chur", None]),
    ],
)
def test_categories_are_the_same_however_they_are_written(
    cells: tuple[str | None, ...], values: list[str | None]
) -> None:
    found = read(*cells)
    assert isinstance(found, CategoryCells)
    assert found.values[: len(values)] == values


def test_codes_that_look_like_numbers_stay_as_they_are() -> None:
    codes = ["4006381333931", "4006381333932", "007", "7", "1_2", "12", "1.0", "1e2", "x"]
    found = read(*codes)
    assert isinstance(found, CategoryCells)
    assert found.values[:9] == [*codes[:6], "1", "1e2", "x"]


@pytest.mark.parametrize(
    "codes",
    [
        ("007", "012", "130", "999"),
        ("01067", "80331", "10115", "60311", "20095"),
        ("8001", "01067", "10115"),
        ("00", "05", "10"),
    ],
)
def test_numbers_with_zeros_in_front_are_categories(codes: tuple[str, ...]) -> None:
    hints: list[str] = []
    cells = [codes[i % len(codes)] for i in range(N)]
    found = read_column("plz", [*cells, None, "n/a"], hints)
    assert isinstance(found, CategoryCells)
    assert found.values == [*cells, None, None]
    assert hints == ["Numbers of 'plz' have zeros in front and were read as categories."]


def test_a_code_of_each_row_is_an_identifier() -> None:
    hints: list[str] = []
    found = read_column("c", [f"{7 * i:05}" for i in range(N)], hints)
    assert found == LeftOut("c", "an identifier: nearly every row has a text of its own")
    assert hints == []


@pytest.mark.parametrize(
    "cells",
    [
        ("0", "7", "130"),
        ("0.5", "07.25", "3"),
        (*(str(10 + i) for i in range(29)), "007"),
        ("-05", "3", "12"),
    ],
)
def test_amounts_stay_numbers(cells: tuple[str, ...]) -> None:
    assert isinstance(read(*cells), NumberCells)


def test_columns_that_are_named_are_categories_whatever_they_hold() -> None:
    rng = np.random.default_rng(0)
    table = {
        "branch": [str(v) for v in rng.integers(1, 6, N)],
        "floor": [f"{v}.0" for v in rng.integers(1, 6, N)],
        "year": [str(v) for v in rng.integers(2019, 2023, N)],
    }
    plain, _ = read_columns(table)
    assert all(isinstance(one, NumberCells) for one in plain)
    named, hints = read_columns(table, categorical=["branch", "floor"])
    assert [type(one) for one in named] == [CategoryCells, CategoryCells, NumberCells]
    assert isinstance(named[1], CategoryCells)
    assert {*named[1].values} == {"1", "2", "3", "4", "5"}
    assert hints == []
