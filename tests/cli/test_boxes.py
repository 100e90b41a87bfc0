"""Commands on images that are annotated with boxes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data as photographs

from tests.data.boxes.written import put, voc
from topwork.cli.app import run


@pytest.fixture(scope="module")
def boxes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Parts of photographs in two splits: one is a copy, one is unreadable, one box is bad."""
    folder = tmp_path_factory.mktemp("boxes") / "data"
    rng = np.random.default_rng(0)
    for split, n in (("train", 8), ("test", 4)):
        (folder / split).mkdir(parents=True)
        for i in range(n):
            photograph = getattr(photographs, ("chelsea", "coffee")[i % 2])()
            y, x = rng.integers(0, 170), rng.integers(0, 300)
            stem = f"{split}{i}"
            Image.fromarray(photograph[y : y + 120, x : x + 140]).save(
                folder / split / f"{stem}.png"
            )
            found = [(("cat", "cup")[i % 2], (10, 10, 90, 80))] * (i > 0)
            put(folder / split / f"{stem}.xml", voc(f"{stem}.png", found, (140, 120)))
    train = folder / "train"
    Image.open(train / "train2.png").save(train / "copy.png")
    put(
        train / "copy.xml",
        voc("copy.png", [("cat", (10, 10, 90, 80)), ("cat", (10, 10, 90, 81))], (140, 120)),
    )
    put(train / "bad.png", "no image")
    put(train / "bad.xml", voc("bad.png", [("cat", (10, 10, 90, 80))], (140, 120)))
    put(train / "train3.xml", voc("train3.png", [("cup", (10, 10, 190, 80))], (140, 120)))
    return folder


def test_check_looks_at_images_and_boxes(boxes: Path, tmp_path: Path, capsys) -> None:
    page = tmp_path / "page.html"
    assert run(["check", str(boxes), "--json", "--page", str(page)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["task"], found["n_items"], found["classes"]) == ("boxes", 13, [])
    assert [bad["path"] for bad in found["rejected"]] == [str(boxes / "train" / "bad.png")]
    copies = [{Path(m["path"]).name for m in group["members"]} for group in found["duplicates"]]
    assert {"train2.png", "copy.png"} in copies
    assert found["boxes"]["n_boxes"] == 12
    assert found["boxes"]["n_without"] == 2
    assert found["boxes"]["classes"] == [
        {"label": "cat", "n": 6, "n_images": 5},
        {"label": "cup", "n": 6, "n_images": 6},
    ]
    assert found["boxes"]["issues_by_reason"] == {"clipped": 1}
    assert len(found["boxes"]["duplicates"]) == 1
    assert "pair of boxes at one place" in page.read_text()


def test_check_says_it_in_words(boxes: Path, capsys) -> None:
    assert run(["check", str(boxes), "--strict"]) == 2
    said = capsys.readouterr()
    assert "Read 10 boxes of 2 classes in 10 images (Pascal VOC)" in said.err.replace("\n", " ")
    assert "the same box twice" in said.out
    assert "boxes and files not taken as written" in said.out


def test_check_reads_boxes_beside_classes_on_request(boxes: Path, tmp_path: Path, capsys) -> None:
    for label in ("left", "right"):
        (tmp_path / "data" / label).mkdir(parents=True)
        for i in (1, 2, 3):
            for kind in ("png", "xml"):
                name = f"train{i}.{kind}"
                shutil.copy(
                    boxes / "train" / name, tmp_path / "data" / label / f"{label}{i}.{kind}"
                )
    for task, expected in (("auto", "classes"), ("boxes", "boxes")):
        assert run(["check", str(tmp_path / "data"), "--task", task, "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["task"] == expected


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of two classes."""
    folder = tmp_path_factory.mktemp("classes")
    rng = np.random.default_rng(0)
    for label, level in (("dark", 60), ("light", 180)):
        (folder / "data" / label).mkdir(parents=True)
        for i in range(12):
            pixels = rng.normal(level, 20, (40, 40, 3)).clip(0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(folder / "data" / label / f"{i}.png")
    out = folder / "model"
    assert run(["fit", str(folder / "data"), "--backbone", "pixels", "-o", str(out), "-q"]) == 0
    return out


@pytest.mark.parametrize("command", ["evaluate", "fit", "adapt"])
def test_models_of_classes_do_not_take_boxes(
    command, boxes: Path, model: Path, tmp_path, capsys
) -> None:
    capsys.readouterr()
    out, data = str(tmp_path / "out"), str(boxes)
    arguments = {
        "evaluate": ["evaluate", str(model), data],
        "fit": ["fit", data, "--from", str(model), "-o", out],
        "adapt": ["adapt", str(model), str(model.parent / "data"), "--source", data, "--out", out],
    }
    assert run([*arguments[command], "--json"]) == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["code"] in ("other_task", "classes_only")
    assert "boxes" in error["message"]


@pytest.mark.parametrize(
    "arguments",
    [["check", "--write", "table.csv"], ["rank"], ["fit", "--task", "number"]],
)
def test_what_cannot_take_boxes_says_so(
    boxes: Path, arguments, tmp_path, monkeypatch, capsys
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run([arguments[0], str(boxes), *arguments[1:], "--json"]) == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert "boxes" in error["message"]
    assert error["remedy"]
