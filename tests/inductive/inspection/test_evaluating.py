"""The usual layout of inspection data: train/good, test/KIND, ground_truth/KIND/NAME_mask.png."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import topwork as tw
from benchmarks.drawn_parts import DEFECTS, good_part
from topwork.cli.app import run
from topwork.errors import DataError


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nobody may write there."""
    rng, place = np.random.default_rng(5), tmp_path_factory.mktemp("layout") / "plates"
    for part, n in (("train", 40), ("test", 10)):
        (place / part / "good").mkdir(parents=True)
        for i in range(n):
            Image.fromarray(good_part(rng)).save(place / part / "good" / f"{i:03}.png")
    for kind, defect in DEFECTS.items():
        for top in ("test", "ground_truth"):
            (place / top / kind).mkdir(parents=True)
        for i in range(4):
            image, mask = defect(good_part(rng), rng)
            Image.fromarray(image).save(place / "test" / kind / f"{i:03}.png")
            Image.fromarray(mask).save(place / "ground_truth" / kind / f"{i:03}_mask.png")
    return place


@pytest.fixture(scope="module")
def model(folder: Path, tmp_path_factory: pytest.TempPathFactory, session_cache: Path) -> Path:
    target = tmp_path_factory.mktemp("inspector") / "plates.topwork"
    assert run(["fit", str(folder), "-o", str(target), "--quiet"]) == 0
    return target


def test_good_parts_of_training_alone_are_fitted(model: Path) -> None:
    loaded = tw.load(model)
    assert len(loaded.parts.training.keys) == 40


def test_all_parts_are_checked_and_alike_ones_are_no_copies(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["check", str(folder / "train"), "--task", "one-class", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["n_items"] == 40
    assert run(["check", str(folder), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["n_items"] == 62
    assert {one["label"]: one["n"] for one in found["classes"]}["good"] == 50
    assert found["duplicates"] == found["families"] == found["small_classes"] == []
    assert found["doubtful_labels"] is None


def test_a_good_part_of_training_in_the_test_is_a_leak(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "plates"
    shutil.copytree(folder, place)
    shutil.copy(place / "train" / "good" / "003.png", place / "test" / "good" / "copy.png")
    assert run(["check", str(place), "--json"]) == 0
    (leak,) = json.loads(capsys.readouterr().out)["leaks"]
    assert {one["split"] for one in leak["members"]} == {"train", "test"}


def test_parts_and_pixels_are_judged(
    folder: Path, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page, table = tmp_path / "page.html", tmp_path / "all.csv"
    asked = ["evaluate", str(model), str(folder), "--page", str(page), "--out", str(table)]
    assert run([*asked, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["n_good"], found["n_defective"], found["n_masks"]) == (10, 12, 12)
    scores = found["scores"]
    assert scores["auroc"]["value"] >= 0.98
    assert scores["pixel_auroc"]["value"] >= 0.95
    assert scores["pro"]["value"] >= 0.9
    assert scores["found"]["value"] >= 0.9
    assert scores["false_alarm_rate"]["value"] <= 0.2
    assert [one["label"] for one in found["per_class"]] == ["patch", "scratch", "stain"]
    assert "False alarms" in page.read_text("utf-8")
    assert len(table.read_text("utf-8").splitlines()) == 23


def test_other_parts_without_masks_have_no_pixel_scores(folder: Path, model: Path) -> None:
    parts = tw.read(folder / "test", layout="class")
    detector = tw.AnomalyDetector()
    detector.model_ = tw.load(model)
    found = detector.evaluate(parts)
    assert found.scores.pixel_auroc is found.scores.pro is None
    assert found.scores.auroc is not None
    good = parts.take([i for i, label in enumerate(parts.targets.values()) if label == "good"])
    alone = detector.evaluate(good)
    assert alone.scores.auroc is alone.scores.found is None
    assert alone.scores.false_alarm_rate is not None


def test_images_of_one_part_are_judged_as_one(folder: Path, model: Path) -> None:
    parts = tw.read(folder / "test", layout="class")
    detector = tw.AnomalyDetector()
    detector.model_ = tw.load(model)
    alone = detector.evaluate(parts).scores
    groups = np.array([f"{label} {i // 4}" for i, label in enumerate(parts.targets.values())])
    grouped = detector.evaluate(replace(parts, groups=groups)).scores
    for name in ("auroc", "found", "false_alarm_rate"):
        one, wider = getattr(alone, name), getattr(grouped, name)
        assert one.value == wider.value
        assert wider.high - wider.low > one.high - one.low


def test_training_images_are_told_of(folder: Path, model: Path) -> None:
    detector = tw.AnomalyDetector()
    detector.model_ = tw.load(model)
    found = detector.evaluate(folder / "train")
    assert found.n_seen == 40
    assert "in the training data" in found.notes[-1]


def test_a_mask_of_another_size_is_refused(folder: Path, model: Path, tmp_path: Path) -> None:
    for kind in ("good", "stain"):
        (tmp_path / "test" / kind).mkdir(parents=True)
        source = folder / "test" / kind / "000.png"
        (tmp_path / "test" / kind / "000.png").write_bytes(source.read_bytes())
    (tmp_path / "ground_truth" / "stain").mkdir(parents=True)
    mask = tmp_path / "ground_truth" / "stain" / "000_mask.png"
    detector = tw.AnomalyDetector()
    detector.model_ = tw.load(model)
    Image.new("L", (10, 20)).save(mask)
    with pytest.raises(DataError, match="10 × 20 pixels, its image 224 × 224"):
        detector.evaluate(tmp_path)
    mask.write_bytes(b"no image")
    with pytest.raises(DataError, match="cannot be read"):
        detector.evaluate(tmp_path)


def test_what_keeps_masks_from_being_found_is_said(
    folder: Path, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A misspelt folder of masks or class takes scores away, and says so."""
    place = tmp_path / "plates"
    shutil.copytree(folder, place, ignore=shutil.ignore_patterns("train"))

    def notes() -> str:
        assert run(["evaluate", str(model), str(place), "--json"]) == 0
        return " ".join(json.loads(capsys.readouterr().out)["notes"])

    assert notes() == ""
    masks = place / "ground_truth"
    (masks / "scratch").rename(masks / "scrach")
    (masks / "stain" / "000_mask.png").unlink()
    said = notes()
    assert "no masks for the 4 images of 'scratch'" in said
    assert "is 'scrach' meant?" in said
    assert "1 of the 4 images of 'stain' have no mask" in said
    assert "scrach belong to no class" in said
    masks.rename(place / "groundtruth")
    assert "rename" in notes()
    (place / "test" / "good").rename(place / "test" / "godo")
    assert "No class is called good" in notes()
    assert "is 'godo' meant?" in notes()


def test_a_flat_folder_is_of_good_parts_or_of_the_defect_that_it_is_called(
    folder: Path, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def found(*arguments: str) -> dict:
        assert run(["evaluate", str(model), *arguments, "--json"]) == 0
        result: dict = json.loads(capsys.readouterr().out)
        return result

    flat = tmp_path / "monday"
    shutil.copytree(folder / "test" / "good", flat)
    of_monday = found(str(flat))
    assert (of_monday["n_good"], of_monday["n_defective"]) == (10, 0)
    assert "read as those of good parts" in of_monday["notes"][0]
    assert found(str(flat), "--exclude", "000.png")["n_good"] == 9
    scratched = found(str(folder / "test" / "scratch"))
    assert (scratched["n_good"], scratched["n_defective"]) == (0, 4)


def test_folders_are_read_as_the_options_say(
    folder: Path, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["evaluate", str(model), "--json"]
    assert run([*asked, str(folder), "--exclude", "patch"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["label"] for one in found["per_class"]] == ["scratch", "stain"]
    for camera in ("left", "right"):
        shutil.copytree(folder / "test", tmp_path / camera)
    assert run([*asked, str(tmp_path), "--layout", "domain/class"]) == 0
    assert json.loads(capsys.readouterr().out)["n_good"] == 20
    assert run([*asked, str(folder), "--kind", "text"]) == 2
    assert "--kind says text" in json.loads(capsys.readouterr().out)["error"]["message"]


def test_texts_have_no_good_parts(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["fit", str(folder / "train"), "--task", "one-class", "--kind", "text", "--json"]
    assert run([*asked, "-o", str(tmp_path / "m.topwork")]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "not_for_good_parts"
