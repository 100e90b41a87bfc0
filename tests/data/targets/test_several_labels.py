"""Several labels per item, as tables, lists and matrices hold them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from topwork.data import LabelTargets, joined_labels, read
from topwork.errors import DataError

TEXTS = ["a calm day", "a wild day", "a dull day", "no day at all"]
SETS = [{"sea", "sky"}, {"sky"}, set(), {"sea"}]


def several(source: Any, labels: Any = None, **options: Any) -> LabelTargets:
    data = read(source, labels, items="text", **options)
    assert isinstance(data.targets, LabelTargets)
    return data.targets


@pytest.mark.parametrize("separator", [";", "|", "; ", ","])
def test_cells_are_read_by_their_separator_and_that_is_said(separator: str, tmp_path: Path) -> None:
    table = tmp_path / "t.tsv"
    cells = ["sea,sky", "sky,sea", "", "sea", "sky"] * 2
    rows = [f"{TEXTS[i % 4]} {i}\t{cell.replace(',', separator)}" for i, cell in enumerate(cells)]
    table.write_text("\n".join(["text\tlabel", *rows]))
    data = read(table, task="labels")
    assert data.several.labels == ("sea", "sky")
    assert data.several.presence[:4].tolist() == [[1, 1], [1, 1], [0, 0], [1, 0]]
    assert f"separated by {separator.strip()!r}" in data.hints[0]
    assert "--task classes" in data.hints[0]
    assert data.hints[1].startswith("2 empty cells were read as items with none")
    assert len(read(table, task="labels", skip_unlabelled=True)) == 8


def test_a_column_is_told_only_where_it_surely_holds_several(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    for cells, told in (
        (["sea;sky", "sky;sea", "", "sky"], LabelTargets),
        (["rock;hard", "rock;soft", "rock;hard", "rock;soft"], None),
        (["Rome, Italy", "Oslo, Norway", "Rome, Italy", "Bern"], None),
    ):
        rows = [f'{text},"{cell}"' for text, cell in zip(TEXTS, cells, strict=True)]
        table.write_text("\n".join(["text,label", *rows]))
        assert isinstance(read(table).targets, LabelTargets) == (told is LabelTargets)
    one = read(table, task="classes")
    assert one.classes is not None
    assert "Rome, Italy" in one.classes.labels


@pytest.mark.parametrize(
    "labels",
    [
        [sorted(one) for one in SETS],
        SETS,
        [tuple(one) for one in SETS],
        [frozenset(one) for one in SETS],
    ],
)
def test_lists_sets_and_tuples(labels: Any) -> None:
    assert [set(one) for one in several(TEXTS, labels).values()] == SETS


@pytest.mark.parametrize("kind", [np.array, sparse.csr_matrix, sparse.coo_array, np.ndarray.tolist])
@pytest.mark.parametrize("dtype", [bool, np.int64, np.float32])
def test_matrices(kind: Any, dtype: Any) -> None:
    matrix = np.array([[1, 1], [0, 1], [0, 0], [1, 0]], dtype)
    found = several(TEXTS, kind(matrix))
    assert found.labels == ("0", "1")
    assert found.presence.tolist() == matrix.astype(int).tolist()


def test_a_frame_names_its_labels_and_leaves_gaps_open() -> None:
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"sky": [1, 1, 0, None], "sea": [True, False, False, True]})
    found = several(TEXTS, frame)
    assert found.labels == ("sea", "sky")
    assert found.presence.tolist() == [[1, 1], [0, 1], [0, 0], [1, -1]]
    assert not found.complete
    whole = pd.DataFrame({"text": TEXTS, "label": [list(one) for one in SETS]})
    assert [set(one) for one in several(whole).values()] == SETS


def test_lists_in_json_lines_and_parquet(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    rows = [{"text": t, "label": sorted(s)} for t, s in zip(TEXTS, SETS, strict=True)]
    file = tmp_path / "t.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in [*rows, {"text": "x y", "label": None}]))
    data = read(file)
    assert [set(one) for one in data.several.values()] == [*SETS, set()]
    assert "1 empty cell was read" in data.hints[-1]
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "t.parquet")
    assert [set(one) for one in several(tmp_path / "t.parquet").values()] == SETS


@pytest.mark.parametrize(
    ("labels", "match"),
    [
        ([["a"], ["b"], None, []], "labels of item 2 are missing"),
        ([["a"], ["b"], 3, []], "labels of item 2 are of type int"),
        ([["a"], [None], [], []], "label of item 1"),
        ([[], [], [], []], "None of the 4 items"),
        (np.array([[2, 1], [0, 1], [1, 0], [1, 1]]), "other things than 0, 1"),
        (np.zeros((4, 2)), "None of the 4 items"),
        ([["a"], ["b"], ["c"]], "4 items but 3 labels"),
    ],
)
def test_what_is_none_is_refused(labels: Any, match: str) -> None:
    with pytest.raises(DataError, match=match) as caught:
        read(TEXTS, labels, items="text", task="labels")
    assert caught.value.remedy


def test_one_hot_rows_and_sentences_are_no_several_labels() -> None:
    with pytest.raises(DataError, match="shape"):
        read(TEXTS, np.eye(4, dtype=int), items="text")
    texts = [f"a text of {'many words ' * 9}; it ends with {i % 7}; or so" for i in range(40)]
    assert not isinstance(read(texts, texts, items="text").targets, LabelTargets)


def test_labels_of_two_parts_are_joined_by_name() -> None:
    one = LabelTargets(("a",), np.ones((1, 1), np.int8))
    other = LabelTargets(("b",), np.ones((1, 1), np.int8), complete=False)
    assert joined_labels(one, other).presence.tolist() == [[1, 0], [-1, 1]]
    assert one.take(np.array([0, 0])).texts() == ["a", "a"]


def test_other_targets_are_refused_with_the_remedy() -> None:
    data = read(TEXTS, SETS, items="text")
    with pytest.raises(DataError, match="several labels each") as caught:
        _ = data.classes
    assert "--task labels" in caught.value.remedy
    with pytest.raises(DataError, match="do not have several labels"):
        _ = read(TEXTS, ["a", "b", "a", "b"], items="text").several
