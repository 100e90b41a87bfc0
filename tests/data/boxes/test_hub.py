"""Folders with metadata.jsonl and a column of objects, as data sets on hubs are laid out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.data.boxes.written import BOXES, NAMES, found, put, put_image, reasons
from topwork.data import Dataset, read


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


def test_corners_are_told_from_sizes(folder: Path) -> None:
    corners = {
        n: {"objects": {"bbox": [list(box) for _, box in BOXES[n]], "label": [1] * len(BOXES[n])}}
        for n in "abd"
    }
    _write(folder, "train", {n: corners[n] for n in "ab"})
    _write(folder, "test", {"d": corners["d"]})
    data = _read_all(folder)
    assert found(data)["a"] == [("1", box) for _, box in BOXES["a"]]
    assert any("read as two corners" in hint for hint in data.hints)


def test_fractions(folder: Path) -> None:
    _write(folder, "train", {"a": {"objects": {"bbox": [[0.25, 0.5, 0.5, 0.25]], "label": ["x"]}}})
    assert found(_read_all(folder)) == {"a": [("x", (16, 24, 48, 36))]}


@pytest.mark.parametrize(
    ("objects", "reason"),
    [
        ({"bbox": [[1, 2, 3]], "label": ["x"]}, "not_a_number"),
        ({"bbox": [["a", 2, 3, 4]], "label": ["x"]}, "not_a_number"),
        ({"bbox": [7], "label": ["x"]}, "not_a_number"),
        ({"bbox": [[1, 2, 3, 4]], "label": []}, "no_class"),
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


def test_bad_lines_and_images_nobody_has_annotated(folder: Path) -> None:
    entries = {"a": _as_mappings("a"), "b": {"objects": None}, "c": {"objects": []}}
    _write(folder, "train", entries, "{", '{"objects": []}', '{"file_name": "gone.jpg"}')
    data = _read_all(folder)
    assert found(data) == {"a": list(BOXES["a"]), "c": []}
    assert sorted(reasons(data)) == ["bad_entry", "bad_line", "missing_image"]
    assert "1 image left out as not annotated" in data.hints[0]
