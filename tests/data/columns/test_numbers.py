"""Columns of numbers: as people write them, with units, and with strange cells."""

from __future__ import annotations

import numpy as np
import pytest

from tests.data.columns.cells import N, read
from topwork.data.columns import CategoryCells, LeftOut, NumberCells, read_column
from topwork.features.columns import ColumnEncoding, learn_encoding

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("cells", "first"),
    [
        (("1", "2.5", "-3e2"), 1.0),
        (("1,25", "3,5", "2"), 1.25),
        (("1,250.5", "2,000", "7"), 1250.5),
        (("1,250", "3.75", "980"), 1250.0),
        (("0.5", "0.50", "1"), 0.5),
        (("12 kg", "13.5 kg", "9 kg"), 12.0),
        (("$3.20", "$4", "$5"), 3.2),
        (("n/a", "1", "2", "3"), None),
    ],
)
def test_numbers_are_read_as_people_write_them(cells: tuple[str, ...], first: float | None) -> None:
    found = read(*cells)
    assert isinstance(found, NumberCells)
    assert np.isnan(found.values[0]) if first is None else found.values[0] == first


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (("980,00", "1.250,50", "99,90"), [980, 1250.5, 99.9]),
        (("1.250.000", "980.000", "7"), [1250000, 980000, 7]),
        (("1,5", "2,25", "1.250,5"), [1.5, 2.25, 1250.5]),
        (("1,5", "2.500", "7"), [1.5, 2500, 7]),
        (("1,5", "2.5", "7"), [1.5, 2.5, 7]),
        (("0,500", "1,250", "980"), [0.5, 1.25, 980]),
        (("1,00,000", "2,50,000", "7,500"), [100000, 250000, 7500]),
    ],
)
def test_points_between_thousands_are_told_by_the_column(
    cells: tuple[str, ...], numbers: list[float]
) -> None:
    found = read(*cells)
    assert isinstance(found, NumberCells)
    assert found.values[:3].tolist() == numbers
    encoding = learn_encoding([found])
    again = ColumnEncoding.model_validate_json(encoding.model_dump_json())
    as_floats = learn_encoding([read(*map(repr, numbers))])
    for cell, number in zip(cells, numbers, strict=True):
        one = again.transform({"c": [cell]})
        assert one == pytest.approx(as_floats.transform({"c": [repr(number)]}))


def test_a_cell_of_a_model_that_can_mean_two_numbers_counts_as_missing() -> None:
    encoding = learn_encoding([read("1,5", "2,25", "7,125")])
    assert encoding.unknown({"c": ["1.250", "1.250,5", "1.25", "12,5"]}) == {"c": 1}
    encoding = learn_encoding([read("1,250.5", "2,000", "7")])
    assert encoding.unknown({"c": ["1,25", "1.250,5", "1,250"]}) == {"c": 2}


@pytest.mark.parametrize(
    "cells", [("1,25", "1,250.5", "3"), ("1,250", "3.750", "3"), ("1,5", "2.5", "2.500")]
)
def test_commas_that_mean_several_things_leave_a_column_out(cells: tuple[str, ...]) -> None:
    found = read(*cells)
    assert isinstance(found, LeftOut)
    assert found.reason == "commas and points in its numbers can mean several things"


def test_commas_that_can_be_decimal_are_said() -> None:
    hints: list[str] = []
    found = read_column("c", ["1,250", "980", "2,750"] * 20, hints)
    assert isinstance(found, NumberCells)
    assert found.values[0] == 1250
    assert hints == ["Commas of 'c' can be decimal; they were taken between thousands."]


def test_numbers_of_several_units_are_categories_or_left_out() -> None:
    hints: list[str] = []
    found = read_column("c", ["500 g", "2 kg", "1.5 kg"] * 20, hints)
    assert isinstance(found, CategoryCells)
    assert hints == ["'c' holds numbers with several units ('g', 'kg') and was read as categories."]
    many = read_column("c", [f"{i} {'g' if i % 3 else 'kg'}" for i in range(N)], [])
    assert many == LeftOut("c", "numbers with several units ('g', 'kg')")
    bare = read_column("c", [f"{i} kg" if i % 3 else str(i) for i in range(N)], [])
    assert bare == LeftOut("c", "numbers with several units (none, 'kg')")


def test_a_model_reads_numbers_of_its_own_unit_alone() -> None:
    cells: list[str | None] = [f"{8 + i / 9:.1f} kg" for i in range(N)]
    encoding = learn_encoding([read_column("c", cells, [])])
    again = ColumnEncoding.model_validate_json(encoding.model_dump_json())
    assert again.unknown({"c": ["9 kg", "9 g", "9", None]}) == {"c": 2}
    assert not again.transform({"c": ["900 g"]}).any()
    hints: list[str] = []
    few = read_column("c", [*cells, "900 g"], hints)
    assert isinstance(few, NumberCells)
    assert np.isnan(few.values[-1])
    assert hints == ["1 cells of 'c' hold no number and count as missing."]


def test_few_strange_cells_of_numbers_are_missing_and_many_make_categories() -> None:
    hints: list[str] = []
    cells = [f"{v:.2f}" for v in RNG.normal(size=98)] + ["many", "few"]
    assert isinstance(read_column("n", cells, hints), NumberCells)
    assert hints == ["2 cells of 'n' hold no number and count as missing."]
    assert isinstance(read_column("n", ["1", "2", "many"] * 20, hints), CategoryCells)
