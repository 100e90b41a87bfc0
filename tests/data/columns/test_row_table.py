"""Tables whose rows are the items."""

from __future__ import annotations

from pathlib import Path

import pytest

from topwork.data.columns import RowTable, row_table
from topwork.errors import DataError


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


def test_what_is_no_text_is_read_as_a_question_mark_and_refused_as_a_name(tmp_path: Path) -> None:
    table = tmp_path / "t.json"
    table.write_text('[{"a": "\\ud800x", "b": "\\ud800"}, {"a": "y", "b": "z"}]')
    assert row_table(table).columns == {"a": ["?x", "y"], "b": ["?", "z"]}
    for name in ("\ud800x", "x" * 2000):
        with pytest.raises(DataError, match="longer than 1,000 characters or no text") as refused:
            row_table({name: [1, 2]})
        assert refused.value.message.isprintable()
        assert len(refused.value.message) < 200
