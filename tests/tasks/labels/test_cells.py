"""Cells of several labels as programs and people write them, and as ``check --write`` does."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import topwork as tw
from topwork.cli.app import run
from topwork.data import LabelTargets, labels_in_cells
from topwork.data.targets.several_labels import are_surely_several, surviving_cells


@pytest.mark.parametrize(
    ("cells", "labels"),
    [
        (["['a, b', 'c']", "['c']"], [("a, b", "c"), ("c",)]),
        (["['a' 'b']", "['b']"], [("a", "b"), ("b",)]),
        (["[0 2]", "[2]"], [("0", "2"), ("2",)]),
        (['["a;b", "it\'s"]', "[]"], [("a;b", "it's"), ()]),
        (["{'a', 'b'}", "set()"], [("a", "b"), ()]),
        (["('a',)", "('a', 'b')"], [("a",), ("a", "b")]),
        (["sea;sky", "(other)", "sky"], [("sea", "sky"), ("(other)",), ("sky",)]),
        (["sea;sky", '["a;b"]', "sky"], [("sea", "sky"), ("a;b",), ("sky",)]),
    ],
)
def test_lists_are_read_entry_by_entry(cells: list[str], labels: list[tuple[str, ...]]) -> None:
    assert labels_in_cells(cells)[0].values() == labels


def test_the_sentence_names_lists() -> None:
    assert "read as lists of labels" in labels_in_cells(["['a' 'b']", "['b']"])[1][0]
    assert "separated by ';'" in labels_in_cells(["a;b", "b", "(c)"])[1][0]


LABELS = ("sea", "a;b", "x, y", "=1+1", "[z]", "it's", 'say "b"', "a|b", "two words")


@pytest.mark.parametrize("seed", range(20))
def test_written_cells_are_read_as_the_same_labels(seed: int) -> None:
    rng = np.random.default_rng(seed)
    labels = tuple(sorted(rng.choice(LABELS, int(rng.integers(1, 6)), replace=False)))
    presence = (rng.random((12, len(labels))) < rng.choice([0.1, 0.5])).astype(np.int8)
    presence[0, 0] = 1
    targets = LabelTargets(labels, presence)
    cells = surviving_cells(targets)
    assert labels_in_cells(cells)[0].values() == targets.values()
    assert are_surely_several(cells)


def images(folder: Path, n: int) -> list[str]:
    rng = np.random.default_rng(0)
    for i in range(n):
        Image.fromarray(rng.integers(0, 255, (16, 16, 3)).astype(np.uint8)).save(
            folder / f"{i}.png"
        )
    return [f"{i}.png" for i in range(n)]


def test_check_writes_labels_that_hold_the_separator(tmp_path: Path, session_cache: Path) -> None:
    labels = [["a;b", "c"], ["c"], [], ["a;b"], ["c"], ["=1+1", "c"]]
    rows = zip(images(tmp_path, 6), labels, strict=True)
    lines = [json.dumps({"path": path, "label": own}) for path, own in rows]
    (tmp_path / "t.jsonl").write_text("\n".join(lines), "utf-8")
    assert run(["check", str(tmp_path / "t.jsonl"), "--write", str(tmp_path / "w.csv")]) == 0
    assert [set(own) for own in tw.read(tmp_path / "w.csv").targets.values()] == [*map(set, labels)]


def test_check_writes_unknown_labels_as_unknown(tmp_path: Path, session_cache: Path) -> None:
    marks = ["1,0", "1,1", ",1", "0,", "0,1", "1,0"]
    rows = [f"{path},{own}" for path, own in zip(images(tmp_path, 6), marks, strict=True)]
    (tmp_path / "t.csv").write_text("\n".join(["path,sea,sky", *rows]), "utf-8")
    assert run(["check", str(tmp_path / "t.csv"), "--write", str(tmp_path / "w.csv")]) == 0
    first, again = (tw.read(tmp_path / name).targets for name in ("t.csv", "w.csv"))
    assert again.labels == first.labels == ("sea", "sky")
    np.testing.assert_array_equal(again.presence, first.presence)
    assert (again.presence == -1).sum() == 2


def test_columns_of_yes_and_no_are_labels(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("text,sea,sky\none,yes,No\ntwo,Yes,yes\nthree,no,no\n")
    assert tw.read(tmp_path / "t.csv").targets.presence.tolist() == [[1, 0], [1, 1], [0, 0]]
