"""Columns of dates: one format for all, and what cannot be told."""

from __future__ import annotations

import numpy as np
import pytest

from tests.data.columns.cells import read
from topwork.data.columns import CategoryCells, DateCells, read_column


@pytest.mark.parametrize(
    ("cells", "written"),
    [
        (("2024-01-31", "2023-12-01T08:00", "2022-02-02 09:30:00"), "year-month-day"),
        (("31.1.2024", "01.12.2023", "2.2.2022"), "day.month.year"),
        (("1/31/2024", "12/1/2023", "2/2/2022"), "month/day/year"),
        (("31/1/2024", "1/12/2023", "2/2/2022"), "day/month/year"),
    ],
)
def test_dates_are_read_by_the_one_format_that_fits_all(
    cells: tuple[str, ...], written: str
) -> None:
    found = read(*cells)
    assert isinstance(found, DateCells)
    assert found.written == written
    days = np.array(["2024-01-31", "2023-12-01", "2022-02-02"], "datetime64[D]")
    assert (np.diff(found.values[:3]) == np.diff(days).astype(int)).all()


def test_dates_that_can_be_two_are_said() -> None:
    hints: list[str] = []
    assert isinstance(read_column("day", ["1/2/2024", "3/4/2024"] * 9, hints), DateCells)
    assert hints == ["Dates of 'day' can be read in two ways; month/day/year was taken."]


def test_few_strange_cells_of_dates_are_missing_and_many_make_categories() -> None:
    hints: list[str] = []
    days = [f"{1 + i % 28}.{1 + i % 12}.2024" for i in range(98)]
    found = read_column("day", [*days, "soon", "2024-02-30"], hints)
    assert isinstance(found, DateCells)
    assert np.isnan(found.values[-2:]).all()
    assert hints == ["2 cells of 'day' hold no date and count as missing."]
    both = [f"{1 + i % 28}/{1 + i % 12}/2024" for i in range(98)]
    found = read_column("day", both, [])
    assert isinstance(found, DateCells)
    assert found.written == "day/month/year"
    assert isinstance(read_column("day", ["1.2.2024", "2.2.2024", "soon"] * 20, []), CategoryCells)
