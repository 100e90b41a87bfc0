"""What clusters of rows are called."""

from __future__ import annotations

import numpy as np
import pytest

from topwork.data.columns import read_columns, row_table
from topwork.features.columns import learn_encoding
from topwork.unsupervised.clustering.result import Difference
from topwork.unsupervised.clustering.rows.naming import differences, names_of


def called(*words: str) -> list[Difference]:
    return [Difference(column=one, words=one, size=1.0, detail="") for one in words]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["yes"] * 10 + ["no"] * 2 + [None] * 8, "x: seldom no"),
        (["no"] * 10 + ["yes"] * 2 + [None] * 8, "x: seldom yes"),
        (["a"] * 10 + ["b"] * 2 + ["c"] * 8, "seldom x b"),
    ],
)
def test_what_is_rarer_in_a_cluster_is_called_seldom(cells: list[str | None], said: str) -> None:
    """The first cluster has the same shares of the other values as there are among all rows."""
    value = cells[10]
    others = [cell for cell in cells if cell != value]
    column = others + [value] * 14 + others[::-1]
    table = row_table({"x": column, "y": [str(i % 5) for i in range(len(column))]})
    codes = np.array([0] * len(others) + [1] * 14 + [0] * len(others))
    encoding = learn_encoding(read_columns(table.columns)[0])
    assert said in [one.words for one in differences(table, encoding, codes, 2)[0]]


def test_two_clusters_are_never_called_alike() -> None:
    same = ("a", "b", "c")
    longer = names_of([called(*same, "d"), called(*same, "e"), called("f")], ["1", "2", "3"])
    assert longer == ["a, b, c, d", "a, b, c, e", "f"]
    nearest = names_of([called(*same), called(*same), []], ["t.csv:2", "t.csv:3", "t.csv:4"])
    assert nearest == ["a, b, c, like t.csv:2", "a, b, c, like t.csv:3", "like t.csv:4"]
    assert names_of([[], []], ["a row", "a row"]) == ["like a row (0)", "like a row (1)"]


def test_names_are_short_and_can_be_written() -> None:
    name = names_of([[], []], ["x" * 9000, "\udcff.csv:2"])
    assert len(name[0]) < 300
    assert name[1] == "like ?.csv:2"
    texts = ["y" * 900, "z" * 900] * 20
    table = row_table({"n" * 900: texts, "m": [str(i % 7) for i in range(40)]})
    encoding = learn_encoding(read_columns(table.columns)[0])
    found = differences(table, encoding, np.array([0, 1] * 20), 2)
    assert max(len(one.words) for own in found for one in own) < 500
