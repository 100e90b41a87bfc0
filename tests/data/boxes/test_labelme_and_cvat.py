"""Bad shapes in labelme and CVAT files have their outcomes, and no image is lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.data.boxes.written import HEIGHT, WIDTH, found, put, put_image, reasons
from topwork.data import read

GOOD = {"label": "cat", "points": [[10, 8], [30, 28]], "shape_type": "rectangle"}
BOX = '<box label="cat" xtl="10" ytl="8" xbr="30" ybr="28"/>'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    put_image(Path("data/1.jpg"))
    return Path("data")


@pytest.mark.parametrize(
    ("shape", "reason", "kept"),
    [
        ({"points": [[32, 20], [60, 44]]}, "no_class", None),
        ({"label": "dog", "points": []}, "not_a_number", None),
        ({"label": "dog", "points": [[1, 2, 3]]}, "not_a_number", None),
        ({"label": "dog", "points": [["x", 2], [3, 4]]}, "not_a_number", None),
        ({"label": "dog", "points": "1,2"}, "not_a_number", None),
        (3, "not_a_number", None),
        ({"label": "dog", "points": [[5, 5]], "shape_type": "point"}, "zero_area", None),
        ({"label": "dog", "points": [[90, 90], [99, 99]]}, "outside", None),
        ({"label": "dog", "points": [[50, 40], [99, 99]]}, "clipped", (50, 40, 64, 48)),
        (
            {"label": "dog", "points": [[20, 20], [23, 24]], "shape_type": "circle"},
            "",
            (15, 15, 25, 25),
        ),
    ],
)
def test_labelme(folder: Path, shape: Any, reason: str, kept: Any) -> None:
    whole = {"shapes": [GOOD, shape], "imagePath": "1.jpg", "imageData": "QUJD" * 9}
    put(folder / "1.json", json.dumps(whole))
    data = read(folder, split="all")
    assert reasons(data) == ([reason] if reason else [])
    boxes = [("cat", (10, 8, 30, 28)), *([("dog", kept)] if kept else [])]
    assert found(data) == {"1": boxes}


@pytest.mark.parametrize(
    ("written", "label"), [("3.0", "3.0"), ("3", "3"), (3, "3"), (3.0, "3"), (2.5, "2.5")]
)
def test_numbers_as_labels_of_labelme(folder: Path, written: Any, label: str) -> None:
    """A text stays as it is written; a number is no text with a point that nobody wrote."""
    whole = {"shapes": [{**GOOD, "label": written}], "imagePath": "1.jpg", "imageData": "QUJD" * 9}
    put(folder / "1.json", json.dumps(whole))
    assert found(read(folder, split="all")) == {"1": [(label, (10, 8, 30, 28))]}


@pytest.mark.parametrize(
    ("shape", "reason", "kept"),
    [
        ('<box xtl="32" ytl="20" xbr="60" ybr="44"/>', "no_class", None),
        ('<box label="dog" xtl="x" ytl="20" xbr="60" ybr="44"/>', "not_a_number", None),
        ('<box label="dog" xtl="1" ytl="20" xbr="60"/>', "not_a_number", None),
        ('<polygon label="dog" points="1,2;3"/>', "not_a_number", None),
        ('<polygon label="dog"/>', "not_a_number", None),
        ('<box label="dog" xtl="50" ytl="40" xbr="99" ybr="99"/>', "clipped", (50, 40, 64, 48)),
        ('<ellipse label="dog" cx="20" cy="20" rx="5" ry="4"/>', "", (15, 16, 25, 24)),
        (
            '<ellipse label="dog" cx="20" cy="20" rx="5" ry="4" rotation="90"/>',
            "",
            (16, 15, 24, 25),
        ),
        (
            '<box label="dog" xtl="10" ytl="16" xbr="30" ybr="24" rotation="90.0"/>',
            "",
            (16, 10, 24, 30),
        ),
        ('<box label="dog" xtl="1" ytl="1" xbr="9" ybr="9" rotation="x"/>', "not_a_number", None),
        ('<tag label="dog"/>', "", None),
    ],
)
def test_cvat(folder: Path, shape: str, reason: str, kept: Any) -> None:
    image = f'<image id="0" name="1.jpg" width="{WIDTH}" height="{HEIGHT}">{BOX}{shape}</image>'
    gone = '<image id="1" name="gone.jpg"/><image id="2"/>'
    put(folder / "a.xml", f"<annotations>{image}{gone}</annotations>")
    data = read(folder, split="all")
    assert reasons(data) == sorted(["bad_entry", "missing_image", *([reason] if reason else [])])
    boxes = [("cat", (10, 8, 30, 28)), *([("dog", kept)] if kept else [])]
    assert found(data) == {"1": boxes}
    assert any("other than boxes" in hint for hint in data.hints) == (shape[:4] == "<tag")


def test_broken_files_cost_no_other_image(folder: Path) -> None:
    put(folder / "1.json", json.dumps({"shapes": [GOOD], "imagePath": "1.jpg"}))
    put_image(folder / "2.jpg")
    put(folder / "2.json", '{"shapes": [], "imagePath": "2.jpg"')
    data = read(folder, split="all")
    assert reasons(data) == ["bad_file"]
    assert set(found(data)) == {"1"}
