"""A detector in a new domain: what it says, and the images that it proposes to annotate."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import topwork as tw
from benchmarks.composites import scenes
from tests.model.mutations import copied, seal, tensors
from topwork.cli.app import run
from topwork.data import read_items
from topwork.heads.detection.regions import pooled
from topwork.metrics.detection.detections import Detections
from topwork.model import DetectorModel
from topwork.transductive.detection.annotation_folder import BOXES, PAGE
from topwork.transductive.detection.choosing_images import choose_images
from topwork.transductive.detection.new_domain import look_at_domain


@pytest.fixture(scope="module")
def domains(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Scenes like those of training, and their negatives; one lies on its side by Exif."""
    root = tmp_path_factory.mktemp("domains")
    exif = Image.Exif()
    exif[274] = 6
    for name, seed in (("same", 21), ("other", 22)):
        (root / name).mkdir()
        for i, one in enumerate(scenes(16, seed=seed)):
            pixels = one.image if name == "same" else 255 - one.image // 2
            file = root / name / f"{i:02}.jpg"
            if i == 0:
                Image.fromarray(np.rot90(pixels).copy()).save(file, exif=exif)
            else:
                Image.fromarray(pixels).save(file)
    return root / "same", root / "other"


def test_another_domain_is_told_from_the_same(
    detector: Path, domains: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["adapt", str(detector), *map(str, domains), "--json"]) == 0
    same, other = json.loads(capsys.readouterr().out)["domains"]
    for found in (same, other):
        assert found["task"] == "boxes"
        assert found["n_items"] == 16
        assert found["adapted"] is False
        assert found["suggestions"] is None
        assert "not adapted: that needs annotations" in " ".join(found["sentences"])
    told = [one["shift"]["covariate_shift"] for one in (same, other)]
    assert not told[0]["p"] < 0.02
    assert told[1]["auc"] > 0.9
    assert told[1]["p"] < 0.02
    assert "cannot be recalibrated" not in " ".join(same["sentences"])
    assert "cannot be recalibrated" in " ".join(other["sentences"])


def test_images_to_annotate_can_be_read_and_are_not_overwritten(
    detector: Path,
    domains: tuple[Path, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "to annotate"
    command = ["adapt", str(detector), str(domains[1]), "--audit", "16", "--out", str(out)]
    assert run(command) == 0
    assert BOXES in capsys.readouterr().out.replace("\n", "")
    data = tw.read(out, split="all")
    assert len(data) == 16
    model = tw.load(detector)
    assert isinstance(model, DetectorModel)
    found = model.predictions(data.items, threshold=model.card.threshold / 2)
    assert sum(len(one) for one in found.detections) > 0
    for boxes, detections in zip(data.boxes.images, found.detections, strict=True):
        wanted = np.sort(detections.corners, axis=0)
        assert np.allclose(np.sort(boxes.corners, axis=0), wanted, atol=0.02)
    html = (out / PAGE).read_text("utf-8")
    assert html.count("data:image/jpeg") == 16
    assert "<script" not in html
    assert run([*command, "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "would_overwrite"


def test_all_places_are_looked_at_before_any_work(
    detector: Path,
    domains: tuple[Path, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Of several domains the second has a folder already, or is not there."""
    name = detector.name.removesuffix(".topwork")
    taken = tmp_path / f"{name}-other-annotate"
    taken.mkdir()
    common = ["--audit", "4", "--out", str(tmp_path), "--json"]
    assert run(["adapt", str(detector), *map(str, domains), *common]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "would_overwrite"
    assert run(["adapt", str(detector), str(domains[0]), str(tmp_path / "none"), *common]) == 2
    assert "cannot be opened" in json.loads(capsys.readouterr().out)["error"]["message"]
    assert list(tmp_path.iterdir()) == [taken]


def test_maps_are_compared_as_the_model_stores_those_of_training(
    detector: Path, domains: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In bfloat16: the lower half of a float32 is 0."""
    compared = []

    def recorded(maps: np.ndarray) -> np.ndarray:
        compared.append(maps)
        return pooled(maps)

    monkeypatch.setattr("topwork.model.detection.model.pooled", recorded)
    model = tw.load(detector)
    assert isinstance(model, DetectorModel)
    model.predictions(read_items(domains[0]), threshold=1.0)
    assert compared
    assert not any((maps.view(np.uint32) & 0xFFFF).any() for maps in compared)


@pytest.mark.parametrize(
    "asked", [["--source", "x"], ["--online", "4"], ["--train", "tent"], ["--force"]]
)
def test_what_only_classifiers_can_do_is_refused(
    asked: list[str],
    detector: Path,
    domains: tuple[Path, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("x").mkdir()
    assert run(["adapt", str(detector), str(domains[0]), *asked, "--json"]) == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["code"] == "classes_only"
    assert asked[0] in error["message"]


def test_a_model_without_stored_maps_says_that_it_cannot_tell(
    detector: Path, domains: tuple[Path, Path], tmp_path: Path
) -> None:
    older = copied(detector, tmp_path / "older.topwork")

    def forget(arrays: dict[str, np.ndarray]) -> None:
        del arrays["pooled"], arrays["pooled_groups"]

    tensors("training.safetensors", forget)(older)
    seal(older)
    model = tw.load(older)
    assert isinstance(model, DetectorModel)
    found = look_at_domain(model, _items(domains[1]))
    assert found.shift is None
    assert "cannot be told" in found.sentences[1]


def _items(folder: Path) -> tw.Dataset:
    from topwork.data import MODALITIES, read_unlabelled

    return read_unlabelled(folder, kind=MODALITIES["image"])


def test_doubtful_images_that_differ_come_first() -> None:
    rng = np.random.default_rng(0)
    probabilities = np.r_[np.full(20, 0.99), np.full(20, 0.5)]
    detections = [Detections.of([(0, 0, 9, 9)], [0], [p]) for p in probabilities]
    kinds = np.eye(4)[np.arange(40) % 4]
    rows = np.float32(kinds + rng.normal(0, 0.01, kinds.shape))
    chosen = choose_images(detections, rows, 4)
    assert (chosen >= 20).all()
    assert set(chosen % 4) == {0, 1, 2, 3}
    assert sorted(choose_images(detections, rows, 99)) == list(range(40))
    nothing = [Detections.none()] * 40
    assert set(choose_images(nothing, rows, 4) % 4) == {0, 1, 2, 3}
    assert len(choose_images([], rows[:0], 4)) == 0
