"""Folders with metadata.jsonl and a column of objects, as data sets on hubs are laid out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.data.boxes.written import BOXES, NAMES, found, put, put_image, reasons
from topwork.data import Dataset, read
from topwork.errors import ParameterError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for part, names in (("train", "abc"), ("test", "d")):
        for name in names:
            put_image(Path("data", part, f"{name}.jpg"))
    return Path("data")


def _write(folder: Path, part: str, entries: dict[str, Any], *beside: str) -> None:
    lines = [json.dumps({"file_name": f"{name}.jpg", **fields}) for name, fields in entries.items()]
    put(folder / part / "metadata.jsonl", "\n".join([*lines, *beside]) + "\n")


def _sized(name: str) -> list[list[float]]:
    return [[x1, y1, x2 - x1, y2 - y1] for _, (x1, y1, x2, y2) in BOXES[name]]


def _as_lists(name: str) -> dict[str, Any]:
    codes = [NAMES.index(label) for label, _ in BOXES[name]]
    return {"objects": {"bbox": _sized(name), "categories": codes}}


def _as_mappings(name: str) -> dict[str, Any]:
    pairs = zip(_sized(name), BOXES[name], strict=True)
    return {"objects": [{"bbox": box, "category": label} for box, (label, _) in pairs]}


def _read_all(folder: Path) -> Dataset:
    return read(folder, split="all")


@pytest.mark.parametrize(("form", "names"), [(_as_lists, ("0", "1")), (_as_mappings, NAMES)])
def test_boxes_and_splits(folder: Path, form: Any, names: tuple[str, ...]) -> None:
    _write(folder, "train", {name: form(name) for name in "abc"})
    _write(folder, "test", {"d": form("d")})
    called = dict(zip(NAMES, names, strict=True))
    wanted = {n: [(called[label], box) for label, box in boxes] for n, boxes in BOXES.items()}
    assert found(_read_all(folder)) == wanted
    assert sorted(found(read(folder, split="train"))) == ["a", "b", "c"]
    assert sorted(found(read(folder, split="test"))) == ["d"]
    assert sorted(found(read(folder / "train/metadata.jsonl", split="all"))) == ["a", "b", "c"]
    assert "(Hugging Face)" in _read_all(folder).hints[0]


def _corners(name: str) -> dict[str, Any]:
    boxes = BOXES[name]
    return {"objects": {"bbox": [list(box) for _, box in boxes], "label": ["x"] * len(boxes)}}


@pytest.mark.parametrize("bad", [[60, 10, 70, 20], [10, 10, 10, 20], [30, 30, 20, 40]])
def test_corners_are_told_from_sizes_by_most_of_them(folder: Path, bad: list[float]) -> None:
    """One box beyond the edge, without area or with swapped corners, decides nothing."""
    entries = {name: _corners(name) for name in "ab"}
    far = {"bbox": [[33, 25, 60, 47], [40, 30, 62, 46]], "label": ["z", "z"]}
    entries["c"] = {"objects": far}  # by these two it is told
    entries["a"]["objects"] = {
        "bbox": [*entries["a"]["objects"]["bbox"], bad],
        "label": ["x", "x", "y"],
    }
    _write(folder, "train", entries)
    _write(folder, "test", {"d": _corners("d")})
    data = _read_all(folder)
    assert [box for label, box in found(data)["a"] if label == "x"] == [b for _, b in BOXES["a"]]
    assert any("read as two corners" in hint for hint in data.hints)


def test_one_box_beyond_the_edge_makes_no_corners_of_sizes(folder: Path) -> None:
    boxes = [*_sized("a"), [50, 40, 30, 30]]
    _write(folder, "train", {"a": {"objects": {"bbox": boxes, "label": ["x"] * 3}}})
    data = _read_all(folder)
    assert [box for _, box in found(data)["a"]] == [*(b for _, b in BOXES["a"]), (50, 40, 64, 48)]
    assert any("read as x, y, width and height" in hint for hint in data.hints)


def test_fractions(folder: Path) -> None:
    boxes = [[0.25, 0.5, 0.5, 0.25], [0, 0, 1.0005, 1]]  # the second is rounded
    _write(folder, "train", {"a": {"objects": {"bbox": boxes, "label": ["x", "y"]}}})
    data = _read_all(folder)
    assert found(data) == {"a": [("x", (16, 24, 48, 36)), ("y", (0, 0, 64, 48))]}
    assert any("fractions of the image" in hint for hint in data.hints)


@pytest.mark.parametrize(
    ("objects", "reason"),
    [
        ({"bbox": [[1, 2, 3]], "label": ["x"]}, "not_a_number"),
        ({"bbox": [["a", 2, 3, 4]], "label": ["x"]}, "not_a_number"),
        ({"bbox": [7], "label": ["x"]}, "not_a_number"),
        ({"bbox": [[1, 2, 3, 4]], "label": [{"id": 1}]}, "no_class"),
        ({"bbox": [[1, 2, 3, 4]]}, "no_class"),
        ({"bbox": [[9, 9, -3, 4]], "label": ["x"]}, "negative_size"),
        ({"bbox": [[9, 9, 0, 4]], "label": ["x"]}, "zero_area"),
        ([{"category": "x"}], "not_a_number"),
        ([3], "not_a_number"),
    ],
)
def test_a_bad_box_never_costs_its_image(folder: Path, objects: Any, reason: str) -> None:
    _write(folder, "train", {"a": _as_mappings("a"), "b": {"objects": objects}})
    data = _read_all(folder)
    assert found(data) == {"a": list(BOXES["a"]), "b": []}
    assert reasons(data) == [reason]


@pytest.mark.parametrize(
    "objects",
    [
        "none",
        7,
        {"bbox": "[[1, 2, 3, 4]]"},
        {"bbox": {"0": [1, 1, 2, 2]}},
        {"label": ["x"]},
        {"bbox": [[1, 2, 3, 4], [5, 6, 7, 8]], "label": ["x"]},
    ],
)
def test_what_cannot_be_read_is_no_image_without_objects(folder: Path, objects: Any) -> None:
    _write(folder, "train", {"a": _as_mappings("a"), "b": {"objects": objects}})
    data = _read_all(folder)
    assert found(data) == {"a": list(BOXES["a"])}
    assert reasons(data) == ["bad_entry"]


def test_names_go_before_numbers(folder: Path) -> None:
    objects = {"bbox": [[1, 2, 3, 4]], "category_id": [1], "category": [2], "name": ["cat"]}
    _write(folder, "train", {"a": {"objects": objects}})
    data = _read_all(folder)
    assert found(data) == {"a": [("cat", (1, 2, 4, 6))]}
    assert not any("Classes are numbers" in hint for hint in data.hints)


def test_a_table_of_labels_beside_objects_is_read_where_classes_are_asked_for(folder: Path) -> None:
    _write(folder, "train", {n: {**_as_lists(n), "label": f"kind {n}"} for n in "abc"})
    table = folder / "train/metadata.jsonl"
    data = read(table, task="classes", split="all")
    assert data.classes is not None
    assert data.classes.labels == ("kind a", "kind b", "kind c")
    with pytest.raises(ParameterError, match="boxes in"):
        read(table, columns={"label": "label"}, split="all")


def test_other_tables_are_not_taken_for_boxes(tmp_path: Path) -> None:
    rows = [
        {"text": f"text {n}", "label": "ab"[n % 2], "file_name": "x", "objects": 0, "boxes": 1}
        for n in range(4)
    ]
    table = put(tmp_path / "t.jsonl", "\n".join(map(json.dumps, rows)))
    assert len(read(table, items="text")) == 4


def test_bad_lines_and_images_nobody_has_annotated(folder: Path) -> None:
    entries = {"a": _as_mappings("a"), "b": {"objects": None}, "c": {"objects": []}}
    _write(folder, "train", entries, "{", '{"objects": []}', '{"file_name": "gone.jpg"}')
    data = _read_all(folder)
    assert found(data) == {"a": list(BOXES["a"]), "c": []}
    assert sorted(reasons(data)) == ["bad_entry", "bad_line", "missing_image"]
    assert "1 image left out as not annotated" in data.hints[0]
