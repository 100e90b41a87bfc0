"""Everything that was found, as plain data; and what to keep."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.quality.conftest import features_of, survey, through_jpeg
from topwork.data import Dataset, ImageModality, Rejected, read
from topwork.errors import ParameterError
from topwork.quality import Findings, OutOfFold, examine, find_duplicates, kept


@pytest.fixture
def folder(tmp_path: Path, pictures) -> Path:
    """Two classes of 8; beside them an equal file, a changed one, and both under another label."""
    for label, start in (("cat", 0), ("dog", 30)):
        (tmp_path / label).mkdir()
        for i, picture in enumerate(pictures[start : start + 8]):
            picture.save(tmp_path / label / f"{i}.png")
    pictures[0].save(tmp_path / "cat" / "same.png")
    through_jpeg(pictures[1], 60).save(tmp_path / "cat" / "near.png")
    pictures[2].save(tmp_path / "dog" / "torn.png")
    through_jpeg(pictures[3], 60).save(tmp_path / "dog" / "doubted.png")
    return tmp_path


def _examined(data: Dataset, **more):
    similarity = survey(data.items)
    keys = [data.kind.read(item).key for item in data.items]
    codes = None if data.targets is None else data.targets.codes
    found = find_duplicates(keys, similarity, features_of(similarity.thumbnails), codes)
    return examine(data, similarity, found, **more), similarity, found


def _names(group) -> list[str]:
    return sorted(f"{Path(m.path).parent.name}/{Path(m.path).name}" for m in group.members)


def test_duplicates_and_conflicts(folder: Path) -> None:
    findings, _, _ = _examined(read(folder))
    groups = [(_names(g), g.kind) for g in findings.duplicates]
    assert sorted(groups) == [
        (["cat/0.png", "cat/same.png"], "exact"),
        (["cat/1.png", "cat/near.png"], "near"),
        (["cat/2.png", "dog/torn.png"], "exact"),
        (["cat/3.png", "dog/doubted.png"], "near"),
    ]
    assert sorted(map(_names, findings.conflicts)) == [
        ["cat/2.png", "dog/torn.png"],
        ["cat/3.png", "dog/doubted.png"],
    ]
    assert findings.leaks == ()
    assert [(c.label, c.n, c.distinct) for c in findings.classes] == [
        ("cat", 10, 8),
        ("dog", 10, 10),
    ]
    assert findings.imbalance == 1
    assert findings.small_classes == ()
    assert not findings.clean


def test_findings_are_plain_data(folder: Path) -> None:
    bad = [Rejected("a.jpg", "empty"), Rejected("b.jpg", "corrupt"), Rejected("c.jpg", "empty")]
    findings, _, _ = _examined(read(folder), rejected=bad)
    assert Findings.model_validate_json(findings.model_dump_json()) == findings
    assert findings.rejected_by_reason == {"corrupt": 1, "empty": 2}
    assert len(findings.rejected) == 3


def test_leaks_between_splits(folder: Path) -> None:
    data = read(folder)
    splits = ["test" if Path(i.name).name in ("same.png", "7.png") else "train" for i in data.items]
    findings, similarity, found = _examined(data, splits=splits)
    assert [_names(g) for g in findings.leaks] == [["cat/0.png", "cat/same.png"]]
    rows = {Path(r.path).name: r for r in kept(data, similarity, found, splits=splits)}
    assert rows["same.png"].keep, "what leaks is taken out of the training split"


def test_what_is_kept(folder: Path) -> None:
    data = read(folder)
    _, similarity, found = _examined(data)
    rows = kept(data, similarity, found)
    assert [row.path for row in rows] == [item.name for item in data.items]
    left_out = {f"{r.label}/{Path(r.path).name}": r.why for r in rows if not r.keep}
    assert left_out == {
        "cat/same.png": "duplicate",
        "cat/near.png": "duplicate",
        "cat/2.png": "conflict",
        "dog/torn.png": "conflict",
    }
    groups = {f"{r.label}/{Path(r.path).name}": r.group for r in rows}
    assert groups["cat/3.png"] == groups["dog/doubted.png"]
    assert groups["cat/4.png"] != groups["cat/5.png"]


def test_the_largest_copy_is_kept(tmp_path: Path, pictures) -> None:
    for label, start in (("a", 0), ("b", 40)):
        (tmp_path / label).mkdir()
        for i in range(4):
            pictures[start + i].resize((80, 80)).save(tmp_path / label / f"{i}.png")
    pictures[2].save(tmp_path / "a" / "whole.png")
    data = read(tmp_path)
    _, similarity, found = _examined(data)
    assert [Path(r.path).name for r in kept(data, similarity, found) if not r.keep] == ["2.png"]


def test_groups_of_the_user_are_joined(pictures) -> None:
    images = [*pictures[:4], pictures[3].copy()]
    data = read(images, ["a", "a", "b", "b", "b"], groups=["x", "x", "y", "z", "y"])
    _, similarity, found = _examined(data)
    assert [row.group for row in kept(data, similarity, found)] == [0, 0, 1, 1, 1]


def test_doubtful_labels_are_named(pictures) -> None:
    data = read(pictures[:6], ["cat", "cat", "cat", "dog", "dog", "dog"])
    P = np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8], [0.3, 0.7], [0.2, 0.8]])
    findings, _, _ = _examined(data, out_of_fold=OutOfFold(P))
    assert findings.doubtful_labels is not None
    (doubt,) = findings.doubtful_labels
    assert (doubt.path, doubt.given, doubt.suggested) == ("item 2", "cat", "dog")
    assert (doubt.probability, doubt.given_probability) == (0.9, 0.1)
    assert findings.small_classes == ("cat", "dog")


def test_only_sure_doubts_are_listed_the_surest_first(pictures) -> None:
    data = read(pictures[:8], ["cat"] * 4 + ["dog"] * 4)
    cats = np.array([0.9, 0.45, 0.1, 0.02, 0.1, 0.2, 0.1, 0.2])
    findings, _, _ = _examined(data, out_of_fold=OutOfFold(np.stack([cats, 1 - cats], axis=1)))
    assert findings.doubtful_labels is not None
    assert [doubt.path for doubt in findings.doubtful_labels] == ["item 3", "item 2"]


def test_data_without_labels(pictures) -> None:
    images = [*pictures[:3], pictures[1].copy(), Image.new("RGB", (128, 128))]
    data = Dataset(read(images, list("abcde")).items, kind=ImageModality())
    findings, similarity, found = _examined(data)
    assert [g.kind for g in findings.duplicates] == ["exact"]
    assert findings.conflicts == findings.classes == findings.undecided_classes == ()
    assert findings.imbalance is None
    assert [(o.path, o.oddity) for o in findings.odd_items] == [
        ("item 4", "blank"),
        ("item 4", "dark"),
    ]
    assert [row.label for row in kept(data, similarity, found)] == [None] * 5


def test_clean_data(pictures) -> None:
    data = read(pictures[:12], ["a", "b"] * 6)
    assert _examined(data)[0].clean


def test_lengths_must_agree(pictures) -> None:
    data = read(pictures[:4], ["a", "b"] * 2)
    with pytest.raises(ParameterError, match="4 items but splits has 3 entries"):
        _examined(data, splits=["train"] * 3)
