"""What an evaluation of a detector leaves behind: a page and a table of errors."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from PIL import Image

from benchmarks.composites import scenes
from tests.data.boxes.written import put, voc
from topwork.cli.app import run


@pytest.fixture(scope="module")
def scene_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Annotated scenes; one box is around nothing, one is of a class that nobody knows."""
    folder = tmp_path_factory.mktemp("scenes") / "scenes"
    folder.mkdir()
    for i, one in enumerate(scenes(8, seed=4)):
        boxes = [(box[0], box[1:]) for box in one.boxes]
        if i == 0:
            boxes.append(("cat", (280.0, 0.0, 320.0, 40.0)))
        if i == 1:
            boxes.append(("ghost", (0.0, 0.0, 30.0, 30.0)))
        Image.fromarray(one.image).save(folder / f"scene{i}.png")
        put(folder / f"scene{i}.xml", voc(f"scene{i}.png", boxes, (320, 240)))
    return folder


def test_errors_are_counted_listed_and_shown(
    detector: Path, scene_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table, page = tmp_path / "errors.csv", tmp_path / "page.html"
    command = ["evaluate", str(detector), str(scene_folder), "--page", str(page), "-o", str(table)]
    assert run([*command, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["unknown_objects"] == 1
    assert sum(one["n_objects"] for one in found["per_class"]) == found["n_objects"]
    with table.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    missed = [row for row in rows if row["error"] == "missed"]
    false = rows[: len(rows) - len(missed)]
    errors = found["errors"]
    assert len(missed) == errors["missed"] > 0
    kinds = ("background", "badly_placed", "wrong_class", "duplicate", "wrong_class_badly_placed")
    assert {kind: errors[kind] for kind in kinds} == {
        kind: sum(row["error"] == kind for row in false) for kind in kinds
    }
    right = errors["right"]
    assert found["at_threshold"]["recall"] == right / found["n_objects"]
    assert found["at_threshold"]["false_per_image"] == len(false) / found["n_items"]
    probabilities = [float(row["probability"]) for row in false]
    assert probabilities == sorted(probabilities, reverse=True)
    assert all(p >= errors["threshold"] - 1e-6 for p in probabilities)
    nothing = str(scene_folder / "scene0.png")
    assert any(
        r["path"] == nothing and r["object"] == "cat" and r["x1"] == "280.00" for r in missed
    )
    html = page.read_text("utf-8")
    assert "<script" not in html
    wrong = {row["path"] for row in rows}
    assert html.count("data:image/jpeg") == min(len(wrong), 12)
    for text in ("on these images", "Images with the most errors", "missed object"):
        assert text in html
    assert run(command) == 0  # what topwork wrote may be written again
    assert f"Wrote the errors to {table}." in capsys.readouterr().out.replace("\n", "")


def test_without_a_page_the_command_for_one_is_told(
    detector: Path, scene_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["evaluate", str(detector), str(scene_folder)]) == 0
    said = capsys.readouterr().out
    assert f"topwork evaluate {detector} {scene_folder} --page errors.html" in said
    assert "AP50:95" in said


def test_a_table_of_boxes_may_be_written_again(
    detector: Path, scene_folder: Path, tmp_path: Path
) -> None:
    command = ["predict", str(detector), str(scene_folder / "scene2.png"), "-o"]
    for _ in range(2):
        assert run([*command, str(tmp_path / "boxes.csv"), "-q"]) == 0
