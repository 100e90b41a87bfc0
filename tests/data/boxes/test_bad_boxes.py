"""Every kind of bad box and bad file has its outcome, and no image is lost."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.data.boxes.written import (
    HEIGHT,
    WIDTH,
    Box,
    found,
    put,
    put_image,
    reasons,
    voc,
    voc_object,
)
from topwork.data import BOX_REASONS, read

GOOD: Box = ("cat", (10, 8, 30, 28))


@dataclass(frozen=True)
class Case:
    """What is written beside a good box, what is kept of it, and why it is not all."""

    form: str
    written: Any
    reason: str = ""
    kept: list[Box] = field(default_factory=list)


def _voc(*corners: object, label: str = "dog", beside: str = "") -> str:
    return voc_object(label, *map(str, corners), beside=beside)


def _coco(bbox: object = (32, 20, 28, 24), **entry: object) -> dict[str, object]:
    return {"image_id": 7, "category_id": 5, "bbox": bbox, **entry}


def _row(*cells: object, label: str = "dog") -> str:
    return f"1.jpg,{','.join(map(str, cells))},{label}"


INSIDE: Box = ("dog", (32, 20, 60, 44))
CASES = {
    "voc: over the left edge": Case(
        "voc", _voc(-9, 8, 30, 28), "clipped", [("dog", (0, 8, 30, 28))]
    ),
    "voc: over the lower right corner": Case(
        "voc", _voc(50, 40, 90, 90), "clipped", [("dog", (50, 40, 64, 48))]
    ),
    "voc: on all edges": Case("voc", _voc(0, 0, 64, 48), "", [("dog", (0, 0, 64, 48))]),
    "voc: larger than any image": Case(
        "voc", _voc("-1e30", 0, "1e30", 40), "clipped", [("dog", (0, 0, 64, 40))]
    ),
    "voc: right of the image": Case("voc", _voc(64, 8, 80, 28), "outside"),
    "voc: above the image": Case("voc", _voc(10, -20, 20, 0), "outside"),
    "voc: no width": Case("voc", _voc(10, 8, 10, 28), "zero_area"),
    "voc: no height": Case("voc", _voc(10, 8, 30, 8), "zero_area"),
    "voc: a point": Case("voc", _voc(10, 8, 10, 8), "zero_area"),
    "voc: left and right swapped": Case("voc", _voc(60, 20, 32, 44), "swapped", [INSIDE]),
    "voc: all corners swapped": Case("voc", _voc(60, 44, 32, 20), "swapped", [INSIDE]),
    "voc: NaN": Case("voc", _voc("nan", 8, 30, 28), "not_a_number"),
    "voc: infinite": Case("voc", _voc(10, 8, "inf", 28), "not_a_number"),
    "voc: a word": Case("voc", _voc("ten", 8, 30, 28), "not_a_number"),
    "voc: an empty coordinate": Case("voc", _voc("", 8, 30, 28), "not_a_number"),
    "voc: no bndbox": Case("voc", "<object><name>dog</name></object>", "not_a_number"),
    "voc: fractions of pixels": Case(
        "voc", _voc(32.25, 20.5, 60, 44), "", [("dog", (32.25, 20.5, 60, 44))]
    ),
    "voc: blanks around numbers": Case("voc", _voc(" 32 ", "20\n", 60, 44), "", [INSIDE]),
    "voc: no name": Case("voc", _voc(32, 20, 60, 44, label=" "), "no_class"),
    "voc: the same box again": Case("voc", _voc(10, 8, 30, 28, label="cat"), "duplicate"),
    "voc: the same box of another class": Case(
        "voc", _voc(10, 8, 30, 28), "", [("dog", (10, 8, 30, 28))]
    ),
    "voc: parts of an object": Case(
        "voc",
        _voc(32, 20, 60, 44, beside=f"<part>{_voc(33, 21, 34, 22)}</part>"),
        "",
        [INSIDE],
    ),
    "coco: negative width": Case("coco", _coco([32, 20, -28, 24]), "negative_size"),
    "coco: no height": Case("coco", _coco([32, 20, 28, 0]), "zero_area"),
    "coco: less than a float's precision": Case("coco", _coco([32, 20, 1e-12, 24]), "zero_area"),
    "coco: three numbers": Case("coco", _coco([32, 20, 28]), "not_a_number"),
    "coco: null": Case("coco", _coco(None), "not_a_number"),
    "coco: a null in it": Case("coco", _coco([32, 20, None, 24]), "not_a_number"),
    "coco: NaN": Case("coco", _coco([32, 20, float("nan"), 24]), "not_a_number"),
    "coco: no bbox": Case("coco", {"image_id": 7, "category_id": 5}, "not_a_number"),
    "coco: numbers as texts": Case("coco", _coco(["32", "20", "28", "24"]), "", [INSIDE]),
    "coco: ids as texts": Case("coco", _coco(image_id="7", category_id="5"), "", [INSIDE]),
    "coco: an unknown class": Case("coco", _coco(category_id=6), "unknown_class"),
    "coco: an unknown image": Case("coco", _coco(image_id=8), "unknown_image"),
    "coco: no object": Case("coco", [32, 20, 28, 24], "bad_entry"),
    "coco: below the image": Case("coco", _coco([10, 48, 5, 5]), "outside"),
    "yolo: an unknown class": Case("yolo", "2 0.5 0.5 0.2 0.2", "unknown_class"),
    "yolo: a negative class": Case("yolo", "-1 0.5 0.5 0.2 0.2", "unknown_class"),
    "yolo: a class by its name": Case("yolo", "dog 0.71875 0.666667 0.4375 0.5", "", [INSIDE]),
    "yolo: three numbers": Case("yolo", "1 0.5 0.5 0.2", "bad_line"),
    "yolo: a class alone": Case("yolo", "1", "bad_line"),
    "yolo: a word": Case("yolo", "1 0.5 x 0.2 0.2", "not_a_number"),
    "yolo: NaN": Case("yolo", "1 nan 0.5 0.2 0.2", "not_a_number"),
    "yolo: negative width": Case("yolo", "1 0.5 0.5 -0.2 0.2", "negative_size"),
    "yolo: no width": Case("yolo", "1 0.5 0.5 0 0.2", "zero_area"),
    "yolo: pixels": Case("yolo", "1 32 24 20 20", "outside"),
    "yolo: over the edge": Case(
        "yolo", "1 0.1 0.5 0.4 1.0", "clipped", [("dog", (0, 0, 19.2, 48))]
    ),
    "yolo: over the edge by rounding": Case(
        "yolo", "1 0.100001 0.5 0.200004 1.0", "", [("dog", (0, 0, 12.8, 48))]
    ),
    "yolo: with a confidence": Case("yolo", "1 0.71875 0.666667 0.4375 0.5 0.9", "", [INSIDE]),
    "yolo: a polygon": Case(
        "yolo", "1 0.5 0.5 0.9375 0.416667 0.75 0.916667", "", [("dog", (32, 20, 60, 44))]
    ),
    "table: a word": Case("table", _row(32, 20, "wide", 44), "not_a_number"),
    "table: a missing coordinate": Case("table", _row(32, 20, "", 44), "not_a_number"),
    "table: no class": Case("table", _row(32, 20, 60, 44, label=""), "no_class"),
    "table: swapped": Case("table", _row(60, 20, 32, 44), "swapped", [INSIDE]),
    "table: a row too short": Case("table", "1.jpg,32,20,60,44", "bad_line"),
    "table: no path": Case("table", ",32,20,60,44,dog", "bad_entry"),
    "table: an image that is not there": Case("table", "2.jpg,32,20,60,44,dog", "missing_image"),
}


def _write(case: Case) -> Path:
    put_image(Path("data/1.jpg"))
    if case.form == "voc":
        text = voc("1.jpg", [GOOD]).replace("</annotation>", f"{case.written}</annotation>")
        put(Path("data/1.xml"), text)
    elif case.form == "coco":
        whole = {
            "images": [{"id": 7, "file_name": "1.jpg", "width": WIDTH, "height": HEIGHT}],
            "categories": [{"id": 3, "name": "cat"}, {"id": 5, "name": "dog"}],
            "annotations": [_coco([10, 8, 20, 20], category_id=3), case.written],
        }
        put(Path("data/boxes.json"), json.dumps(whole))
    elif case.form == "yolo":
        put(Path("data/1.txt"), f"0 0.3125 0.375 0.3125 0.416667\n{case.written}\n")
        put(Path("data/classes.txt"), "cat\ndog\n")
    else:
        rows = f"path,x1,y1,x2,y2,label\n{_row(10, 8, 30, 28, label='cat')}\n{case.written}\n"
        return put(Path("data/boxes.csv"), rows)
    return Path("data")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_there_are_many_kinds():
    assert len(CASES) >= 30


@pytest.mark.parametrize("name", CASES)
def test_a_bad_box_has_its_outcome_and_its_image_stays(name):
    case = CASES[name]
    data = read(_write(case), task="boxes")
    assert found(data) == {"1": [GOOD, *case.kept]}
    assert reasons(data) == ([case.reason] if case.reason else [])
    assert set(reasons(data)) <= set(BOX_REASONS)


def test_objects_that_do_not_count_are_ignored():
    put_image(Path("data/1.jpg"))
    difficult = _voc(32, 20, 60, 44, beside="<difficult>1</difficult><truncated>1</truncated>")
    put(
        Path("data/1.xml"),
        voc("1.jpg", [GOOD]).replace("</annotation>", f"{difficult}</annotation>"),
    )
    data = read("data")
    assert data.boxes.images[0].ignored.tolist() == [False, True]
    assert data.boxes.counts().tolist() == [1, 0]
    assert "1 box of crowds or difficult objects ignored" in data.hints[0]


def test_a_crowd_is_ignored():
    data = read(_write(Case("coco", _coco(iscrowd=1))))
    assert data.boxes.images[0].ignored.tolist() == [False, True]


FILES = {
    "broken XML": ("xml", "<annotation><object>", "not XML"),
    "no XML at all": ("xml", "boxes: none", "not XML"),
    "an empty file": ("xml", "", "empty"),
    "entities": (
        "xml",
        '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><annotation>&c;</annotation>',
        "document type",
    ),
    "another file": (
        "xml",
        '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><annotation>&b;</annotation>',
        "document type",
    ),
    "elements without end": ("xml", "<a>" * 5000, "deep"),
    "an unknown encoding": (
        "xml",
        '<?xml version="1.0" encoding="x-none"?><annotation/>',
        "XML|enc",
    ),
    "broken JSON": ("json", '{"images": [{"bbox": 1}], "annotations": [', "Expecting"),
    "JSON without end": ("json", '{"images": 1, "annotations": 2, "bbox": ' + "[" * 100_000, ""),
    "JSON without lists": ("json", '{"images": 1, "annotations": 2, "bbox": 3}', "no list"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_bad_file_costs_its_own_images_only(name):
    kind, text, why = FILES[name]
    put_image(Path("data/1.jpg"))
    put_image(Path("data/2.jpg"))
    put(Path(f"data/2.{kind}"), text)
    if kind == "xml":
        put(Path("data/1.xml"), voc("1.jpg", [GOOD]))
    else:
        good = {
            "images": [{"id": 7, "file_name": "1.jpg"}],
            "categories": [{"id": 3, "name": "cat"}],
            "annotations": [_coco([10, 8, 20, 20], category_id=3)],
        }
        put(Path("data/1.json"), json.dumps(good))
    data = read("data")
    assert found(data) == {"1": [GOOD]}
    (issue,) = data.boxes.issues
    assert (issue.reason, issue.path) == ("bad_file", f"data/2.{kind}")
    assert re.search(why, issue.detail)
    assert any("could not be read" in hint for hint in data.hints)
    assert "1 image left out as not annotated" in data.hints[0]


def test_an_image_that_cannot_be_read_stays_to_be_rejected_with_its_reason():
    put(Path("data/1.jpg"), "no image")
    put(Path("data/1.xml"), voc("1.jpg", [GOOD]))
    assert found(read("data")) == {"1": [GOOD]}


def test_annotations_without_an_image_are_said():
    put_image(Path("data/1.jpg"))
    put(Path("data/1.xml"), voc("1.jpg", [GOOD]))
    put(Path("data/2.xml"), voc("2.jpg", [GOOD]))
    data = read("data")
    assert found(data) == {"1": [GOOD]}
    assert reasons(data) == ["missing_image"]
    assert any("1 annotated image not found, such as 2.jpg" in hint for hint in data.hints)


def test_yolo_images_without_a_file_are_negatives_where_others_have_one():
    for name in ("train/1", "train/2", "new/3", "new/4"):
        put_image(Path(f"data/images/{name}.jpg"))
    put(Path("data/labels/train/1.txt"), "0 0.3125 0.375 0.3125 0.416667\n")
    data = read("data")
    assert found(data) == {"1": [("0", GOOD[1])], "2": []}
    assert "1 image without boxes taken to show no object; 2 images left out" in data.hints[0]
    assert any("called by their numbers" in hint for hint in data.hints)


def test_an_empty_yolo_file_is_a_negative():
    for name in ("1", "2"):
        put_image(Path(f"data/{name}.jpg"))
    put(Path("data/1.txt"), "0 0.3125 0.375 0.3125 0.416667\n")
    put(Path("data/2.txt"), "")
    put(Path("data/classes.txt"), "cat\n")
    assert found(read("data")) == {"1": [GOOD], "2": []}


def test_what_was_left_out_is_one_sentence():
    case = CASES["voc: over the left edge"]
    more = "".join(CASES[f"voc: {name}"].written for name in ("no width", "NaN", "a point"))
    data = read(_write(Case("voc", case.written + more)))
    assert data.hints[1] == (
        "Of the boxes as written, 3 rejected (1 without four numbers, 2 without area), 1 clipped "
        "to the image."
    )
