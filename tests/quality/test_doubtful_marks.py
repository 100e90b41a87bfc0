"""Labels that are missing at an item, or there by mistake, where items have several."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from tests.cli.test_labels import composites
from topwork.cli.app import run
from topwork.data import Dataset, Item, LabelTargets
from topwork.data.modality import MODALITIES
from topwork.heads import stratified_folds
from topwork.quality.doubtful_marks import doubtful_marks, learnt_marks
from topwork.tasks.feature_rows import FixedRows
from topwork.tasks.labels.nested import nested_labels


def test_changed_marks_are_found() -> None:
    """Of three labels, the third rare: what was changed is what is doubted first."""
    found, doubted = 0, 0
    for seed in range(4):
        rng = np.random.default_rng(seed)
        X = rng.normal(size=(300, 6)).astype(np.float32)
        true = (X[:, :3] > [0, 0.3, 1.2]).astype(np.int8)
        clear = (np.abs(X[:, :3] - [0, 0.3, 1.2]) > 0.7).all(axis=1)
        changed = [(int(i), int(rng.integers(3))) for i in np.flatnonzero(clear)[:12]]
        marks = true.copy()
        for place in changed:
            marks[place] = 1 - marks[place]
        folds = stratified_folds(marks[:, 0].astype(int), n_folds=5, seed=seed)
        p = nested_labels(FixedRows(X), marks, folds).probabilities
        first = [tuple(place) for place in doubtful_marks(p, marks)[:12].tolist()]
        found += len(set(first) & set(changed))
        doubted += len(first)
    assert doubted == 48
    assert found >= 42


def test_unknown_marks_and_those_of_labels_never_seen_are_not_doubted() -> None:
    p = np.array([[0.9], [0.8], [0.1], [0.2], [0.95], [0.96]])
    presence = np.array([[1], [1], [0], [0], [0], [-1]], np.int8)
    assert doubtful_marks(p, presence).tolist() == [[4, 0]]
    assert doubtful_marks(p, presence, judged=np.zeros((6, 1), bool)).shape == (0, 2)
    once = np.array([[1, 1], [0, 1], [0, 0], [0, 1]], np.int8)
    expected = [[False, True], [True, True], [True, False], [True, True]]
    assert learnt_marks(once, np.arange(4)).tolist() == expected


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[str, str]]]:
    """A table in which three items lack the most frequent label that they show."""
    table = composites(tmp_path_factory.mktemp("marks") / "tiles", 120, 3)
    with table.open() as file:
        rows = list(csv.reader(file))
    changed = []
    for row in rows[1:]:
        labels = row[1].split(";")
        if "disc" in labels and len(labels) > 1 and len(changed) < 3:
            changed.append((row[0], "disc"))
            row[1] = ";".join(label for label in labels if label != "disc")
    with table.open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    return table, changed


def test_check_names_the_label_that_an_item_lacks(
    planted: tuple[Path, list[tuple[str, str]]],
    session_cache: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    table, changed = planted
    page = tmp_path / "check.html"
    assert run(["check", str(table), "--json", "--page", str(page)]) == 0
    doubtful = json.loads(capsys.readouterr().out)["doubtful_labels"]
    named = {(Path(one["path"]).name, one["label"]) for one in doubtful}
    assert len(named & set(changed)) >= 2
    first = next(one for one in doubtful if (Path(one["path"]).name, one["label"]) in changed)
    assert (first["given"], first["suggested"]) == ("absent", "present")
    assert first["probability"] > 0.5
    assert "disc absent" in page.read_text("utf-8")


def test_fit_names_doubtful_marks_unless_the_frequencies_are_as_good(
    planted: tuple[Path, list[tuple[str, str]]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["fit", str(planted[0]), "--no-near-duplicates", "-o", str(tmp_path / "m.topwork")]
    assert run([*asked, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    named = {(Path(one["path"]).name, one["label"]) for one in found["doubtful_labels"]}
    assert len(named & set(planted[1])) >= 2
    assert run([*asked, "--backbone", "pixels", "--no-baselines"]) == 0
    assert "doubtful label" in capsys.readouterr().out


def test_what_is_not_looked_for_among_many_labels_is_said() -> None:
    from topwork.intake.data_check import _no_doubts
    from topwork.quality.examine import _not_looked_at

    def data(n: int) -> Dataset:
        presence = np.zeros((2, n), np.int8)
        targets = LabelTargets(tuple(str(j) for j in range(n)), presence)
        items = [Item("a", value="a"), Item("b", value="b")]
        return Dataset(items, targets=targets, kind=MODALITIES["text"])

    assert list(_not_looked_at(data(5000))) == []
    assert "pairs" in next(iter(_not_looked_at(data(5001))))
    assert _no_doubts(data(200)) == ()
    assert "201 labels" in _no_doubts(data(201))[0]
