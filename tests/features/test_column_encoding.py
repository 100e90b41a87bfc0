"""Cells of columns as numbers: each column has the weight of one, and a model keeps how."""

from __future__ import annotations

import numpy as np
import pytest

from tests.data.columns.cells import NAMES, N, read
from topwork.data.columns import CategoryCells, ColumnCells, NumberCells, read_column
from topwork.errors import DataError
from topwork.features.columns import ColumnEncoding, learn_encoding
from topwork.features.columns.encoding import MAX_VALUE
from topwork.features.columns.learning import MAX_BYTES

RNG = np.random.default_rng(0)


def encoded(cells: list[str | None]) -> tuple[ColumnEncoding, np.ndarray]:
    encoding = learn_encoding([read_column("c", cells, [])])
    return encoding, encoding.transform({"c": cells})


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
    cells: list[str | None] = [repr(float(v)) for v in np.random.default_rng(0).normal(size=200)]
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
