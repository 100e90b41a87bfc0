"""Columns of tables: what they hold, and how that becomes numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from topwork.data.columns import (
    CategoryCells,
    ColumnCells,
    DateCells,
    LeftOut,
    NumberCells,
    RowTable,
    read_column,
    read_columns,
    row_table,
)
from topwork.errors import DataError
from topwork.features.columns import ColumnEncoding, learn_encoding
from topwork.features.columns.encoding import MAX_VALUE
from topwork.features.columns.learning import MAX_BYTES

N = 60
RNG = np.random.default_rng(0)
NAMES = ["Bern", "Chur", "Genf"]


def read(*cells: str | None, name: str = "c") -> ColumnCells:
    """A column of these cells in turn."""
    return read_column(name, [cells[i % len(cells)] for i in range(N)], [])


def encoded(cells: list[str | None]) -> tuple[ColumnEncoding, np.ndarray]:
    encoding = learn_encoding([read_column("c", cells, [])])
    return encoding, encoding.transform({"c": cells})


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
    encoding, _ = encoded(cells)
    again = ColumnEncoding.model_validate_json(encoding.model_dump_json())
    assert again.unknown({"c": ["9 kg", "9 g", "9", None]}) == {"c": 2}
    assert not again.transform({"c": ["900 g"]}).any()
    hints: list[str] = []
    few = read_column("c", [*cells, "900 g"], hints)
    assert isinstance(few, NumberCells)
    assert np.isnan(few.values[-1])
    assert hints == ["1 cells of 'c' hold no number and count as missing."]


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


def test_numbers_that_are_no_identifier_stay() -> None:
    assert isinstance(read_column("score", [str(i * i) for i in range(N)], []), NumberCells)


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


def left_out(table: dict[str, list[str | None]]) -> dict[str, str]:
    return {one.name: one.reason for one in read_columns(table)[0] if isinstance(one, LeftOut)}


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


def test_codes_that_look_like_numbers_stay_as_they_are() -> None:
    codes = ["4006381333931", "4006381333932", "007", "7", "1_2", "12", "1.0", "1e2", "x"]
    found = read(*codes)
    assert isinstance(found, CategoryCells)
    assert found.values[:9] == [*codes[:6], "1", "1e2", "x"]


def test_few_strange_cells_of_numbers_are_missing_and_many_make_categories() -> None:
    hints: list[str] = []
    cells = [f"{v:.2f}" for v in RNG.normal(size=98)] + ["many", "few"]
    assert isinstance(read_column("n", cells, hints), NumberCells)
    assert hints == ["2 cells of 'n' hold no number and count as missing."]
    assert isinstance(read_column("n", ["1", "2", "many"] * 20, hints), CategoryCells)


def test_every_column_has_the_weight_of_one() -> None:
    x = RNG.normal(size=400)
    days = np.datetime64("2015-01-01") + (1500 * RNG.random(400)).astype(int)
    for cells in (
        [repr(float(v)) for v in x],
        [NAMES[int(i)] for i in RNG.choice(3, 400, p=[0.6, 0.3, 0.1])],
        [str(v > 0.5) for v in x],
        [str(day) for day in days],
    ):
        _, rows = encoded(list(cells))
        assert rows.var(axis=0).sum() == pytest.approx(1, abs=0.05)
        assert abs(rows.mean(axis=0)).max() < 0.1


def test_far_numbers_do_not_outweigh_the_rest() -> None:
    cells: list[str | None] = [repr(float(v)) for v in RNG.normal(size=200)]
    _, plain = encoded(cells)
    _, far = encoded([*cells[:-2], "1e12", "-1e300"])
    assert abs(far[:-2] - plain[:-2]).max() < 0.4
    assert abs(far).max() < 6


def test_missing_numbers_have_a_mark_where_they_are_some() -> None:
    some: list[str | None] = [None if i % 10 == 0 else f"{i % 17}.5" for i in range(200)]
    encoding, rows = encoded(some)
    assert rows.shape[1] == 2
    assert (rows[::10, 0] == 0).all()
    assert len(np.unique(rows[::10, 1])) == 1
    assert rows[0, 1] > 0 > rows[1, 1]
    few: list[str | None] = [None if i < 2 else f"{i % 17}.5" for i in range(200)]
    assert encoded(few)[1].shape[1] == 1
    assert encoding.blocks().tolist() == [0, 0]


def test_rare_categories_are_joined_and_unknown_ones_are_none() -> None:
    cells: list[str | None] = ["a"] * 50 + ["b"] * 40 + ["c", "c", "d", "e", "f"] + [None] * 5
    encoding, rows = encoded(cells)
    assert rows.shape[1] == 4, "a, b, no value, and the rare ones"
    assert len(np.unique(rows[90:95], axis=0)) == 1
    assert not encoding.transform({"c": ["never seen"]}).any()
    assert encoding.transform({"c": ["d"]}).tolist() == rows[92:93].tolist()
    assert encoding.unknown({"c": ["a", "never seen", None, "d"]}) == {"c": 1}


def test_months_and_weekdays_are_on_circles_where_they_vary() -> None:
    start = np.datetime64("2015-01-05")  # a Monday
    mondays: list[str | None] = [str(start + 7 * i) for i in range(60)]
    assert encoded(mondays)[1].shape[1] == 1
    every: list[str | None] = [str(start + 17 * i) for i in range(60)]
    encoding, rows = encoded(every)
    assert rows.shape[1] == 5
    december, january = encoding.transform({"c": ["2016-12-31", "2017-01-07"]})
    assert np.linalg.norm(december - january) < 0.5


def test_an_encoding_is_plain_data_and_gives_the_same_again() -> None:
    encoding, _ = encoded([repr(float(v)) for v in RNG.normal(size=N)])
    again = ColumnEncoding.model_validate_json(encoding.model_dump_json())
    assert again == encoding
    cells = [repr(0.25)]
    assert again.transform({"c": cells}).tolist() == encoding.transform({"c": cells}).tolist()


def test_tables_in_memory_are_read_alike() -> None:
    import pandas as pd
    import pyarrow as pa

    columns = {"n": [1, 2, 3], "day": pd.to_datetime(["2024-01-01", None, "2024-02-03"])}
    frame = row_table(pd.DataFrame(columns))
    assert frame.columns["n"] == ["1", "2", "3"]
    assert [str(cell)[:10] for cell in frame.columns["day"]] == ["2024-01-01", "None", "2024-02-03"]
    table = row_table(pa.table({"n": [1, None, 3], "yes": [True, False, None]}))
    assert isinstance(table, RowTable)
    assert table.columns["yes"] == ["true", "false", None]
    assert table.names[1] == "item 1"
    assert row_table([{"n": 1, "m": "a"}, {"n": 2}]).columns["m"] == ["a", None]


def test_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("n,m,n\n1,2,3\n")
    with pytest.raises(DataError, match="several columns called 'n'"):
        row_table(table)


def test_a_row_is_shown_and_named_by_its_cells() -> None:
    table = row_table({"age": [31, 31, None], "city": ["Bern", "Bern", "Chur"]})
    assert table.kind.caption(table.items[2]) == "city: Chur"
    keys = table.keys()
    assert keys[0] == keys[1] != keys[2]
    assert keys == [table.kind.read(item).key for item in table.items]
    assert [item.name for item in table.items[1:]] == ["item 1", "item 2"]


def stored(*cells: ColumnCells) -> ColumnEncoding:
    """What a model has of the encoding when it is opened again."""
    return ColumnEncoding.model_validate_json(learn_encoding(cells).model_dump_json())


def test_long_categories_are_unknown_where_they_are_rare_and_else_a_reason() -> None:
    long = "x" * (MAX_VALUE + 1)
    rare = stored(read(*["a"] * 30, *["b"] * 24, *["c"] * 4, "d", long))
    assert rare.unknown({"c": ["a", "c", long]}) == {"c": 1}
    frequent = stored(read("a", long))
    assert frequent.columns == ()
    assert frequent.left_out[0].reason == "texts of more than 1,000 characters"


def test_numbers_of_any_size_make_an_encoding_that_can_be_opened_or_none() -> None:
    for size in ("e300", "e308", "e-320", "e-310"):
        found = stored(read(*(f"{1 + i / 100}{size}" for i in range(50))))
        assert found.left_out[0].reason.startswith("numbers that are too large")
    near = stored(read(*(f"{1 + i / 100}" for i in range(50))))
    assert np.isfinite(near.transform({"c": ["1.7e308", "-1.7e308", None, "5e-324"]})).all()


def test_rare_categories_of_many_columns_fill_no_more_than_a_model_may_hold() -> None:
    cells: list[str | None] = [
        *["a"] * 1000,
        *["b"] * 600,
        *(f"{'x' * 900}{i}" for i in range(990)),
    ]
    many = learn_encoding([CategoryCells(f"c{j}", cells) for j in range(20)])
    assert len(many.columns) == 20
    assert 100 < min(len(one.rare) for one in many.columns) < 990
    assert len(many.model_dump_json(indent=1)) < MAX_BYTES
    alone = learn_encoding([CategoryCells("c", cells)])
    assert len(alone.columns[0].rare) == 990


def test_more_columns_and_texts_than_a_model_may_hold_are_refused() -> None:
    values = np.arange(30.0) ** 2
    with pytest.raises(DataError, match="1,001 columns") as refused:
        learn_encoding([NumberCells(f"c{j}", "", "", values) for j in range(1001)])
    assert refused.value.code == "too_many_columns"
    cells = [f"{'x' * 990}{i % 19}" for i in range(190)]
    with pytest.raises(DataError, match="more than 12 MiB") as refused:
        learn_encoding([CategoryCells(f"c{j}", cells) for j in range(700)])
    assert refused.value.code == "too_large"


def test_what_is_no_text_is_read_as_a_question_mark_and_refused_as_a_name(tmp_path: Path) -> None:
    table = tmp_path / "t.json"
    table.write_text('[{"a": "\\ud800x", "b": "\\ud800"}, {"a": "y", "b": "z"}]')
    assert row_table(table).columns == {"a": ["?x", "y"], "b": ["?", "z"]}
    for name in ("\ud800x", "x" * 2000):
        with pytest.raises(DataError, match="longer than 1,000 characters or no text") as refused:
            row_table({name: [1, 2]})
        assert refused.value.message.isprintable()
        assert len(refused.value.message) < 200
