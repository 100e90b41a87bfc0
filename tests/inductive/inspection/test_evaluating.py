"""The usual layout of inspection data: train/good, test/KIND, ground_truth/KIND/NAME_mask.png."""

from __future__ import annotations

import json
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


def test_good_parts_are_checked(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for asked in ([str(folder)], [str(folder / "train"), "--task", "one-class"]):
        assert run(["check", *asked, "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["n_items"] == 40


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
