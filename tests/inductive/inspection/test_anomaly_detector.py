"""Good parts only: from drawn images to a sealed model that finds drawn defects."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import topwork as tw
from benchmarks.drawn_parts import DEFECTS, good_part
from topwork.cli.app import run
from topwork.data import ClassTargets
from topwork.errors import BadItemsError, DataError, ParameterError
from topwork.inductive.inspection.same_part import groups_of_parts, repeated_sign

RNG = np.random.default_rng(0)
GOOD = [good_part(RNG) for _ in range(40)]
NEW = [good_part(RNG) for _ in range(8)]
BAD = [DEFECTS[kind](good_part(RNG), RNG) for kind in DEFECTS for _ in range(3)]


@pytest.fixture(scope="module")
def detector(session_cache: Path) -> tw.AnomalyDetector:
    return tw.AnomalyDetector().fit(GOOD)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty good parts and a defective one as files; nobody may write there."""
    place = tmp_path_factory.mktemp("parts")
    (place / "train" / "good").mkdir(parents=True)
    for i, image in enumerate(GOOD[:20]):
        Image.fromarray(image).save(place / "train" / "good" / f"{i}.png")
    Image.fromarray(BAD[0][0]).resize((300, 200)).save(place / "bad.png")
    return place


def test_defects_are_found_with_few_false_alarms(detector: tw.AnomalyDetector) -> None:
    images = [image for image, _ in BAD]
    assert detector.predict(images).all()
    assert detector.predict(NEW).sum() <= 2
    assert detector.score(NEW + images, [False] * len(NEW) + [True] * len(images)) >= 0.98
    found = detector.predictions(images)
    assert (found.p_values <= 0.05).all()
    assert (detector.predictions(NEW).p_values > 0.05).mean() >= 0.75


def test_what_is_promised_is_recorded(detector: tw.AnomalyDetector) -> None:
    result = detector.result_
    rate = result.scores.false_alarm_rate
    assert rate is not None
    assert (result.n_items, result.n_groups) == (40, 40)
    assert rate.low < rate.value <= 0.05 < rate.high
    assert result.least_false_alarms == pytest.approx(1 / 41)
    assert "2.4 % at least" in result.promise
    assert len(result.oddest) == 10


def test_heat_maps_are_in_the_resolution_of_the_image(detector: tw.AnomalyDetector) -> None:
    image, mask = BAD[-1]
    large = np.asarray(Image.fromarray(image).resize((448, 672)))
    found = detector.predictions([large])
    heat = found.heat_map(0)
    assert heat.shape == (672, 448)
    hottest = np.unravel_index(heat.argmax(), heat.shape)
    y, x = np.argwhere(mask).mean(axis=0)
    assert abs(hottest[0] / 3 - y) < 24
    assert abs(hottest[1] / 2 - x) < 24


def test_a_saved_model_scores_alike_in_a_new_process_without_torch(
    detector: tw.AnomalyDetector, tmp_path: Path
) -> None:
    images = [*NEW[:2], BAD[0][0]]
    files = [tmp_path / f"{i}.png" for i in range(3)]
    for file, image in zip(files, images, strict=True):
        Image.fromarray(image).save(file)
    model = detector.save(tmp_path / "parts.topwork")
    code = (
        "import sys, json; sys.modules['torch'] = None\n"
        "import topwork as tw\n"
        "found = tw.load(sys.argv[1]).predictions(sys.argv[2:])\n"
        "print(json.dumps([found.scores.tolist(), found.anomalous.tolist()]))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, str(model), *map(str, files)],
        capture_output=True,
        check=True,
        text=True,
    )
    scores, anomalous = json.loads(told.stdout)
    assert np.abs(np.array(scores) - detector.score_samples(images)).max() < 1e-4
    assert anomalous == detector.predict(images).tolist()


def test_the_graph_gives_what_the_fit_was_calibrated_on(detector: tw.AnomalyDetector) -> None:
    """Distances of a part by its own distributions, through numpy and through the graph."""
    from topwork.data import MODALITIES, Dataset, read_items
    from topwork.inductive.inspection.part_maps import map_parts
    from topwork.runtime.progress import silent
    from topwork.settings.inspection import InspectionSettings

    data = Dataset(read_items(GOOD[:5]), kind=MODALITIES["image"])
    rows = map_parts(data, InspectionSettings(), progress=silent).rows
    expected = detector.model_.parts.head.distances(rows)
    found = detector.predictions(GOOD[:5]).distances.reshape(5, -1)
    assert np.abs(found - expected).max() < 1e-3


def test_too_few_parts_for_a_promise_are_refused_with_the_least_one() -> None:
    with pytest.raises(DataError, match=r"12 good parts can promise .* 7.7 % at least"):
        tw.AnomalyDetector().fit(GOOD[:12])
    with pytest.raises(DataError, match="13 good parts"):  # as many images as would be enough
        tw.AnomalyDetector().fit(GOOD[:26], groups=np.arange(26) // 2)


def test_images_of_one_part_are_grouped_by_name_or_told_of() -> None:
    rng = np.random.default_rng(0)
    own = rng.normal(size=(20, 30))
    pooled = (own.repeat(3, axis=0) + 0.2 * rng.normal(size=(60, 30))).astype(np.float32)
    pooled /= np.linalg.norm(pooled, axis=1, keepdims=True)
    keys = [i.to_bytes(16, "big") for i in range(60)]
    named = tw.Dataset([tw.data.Item(f"tile{i // 3:02}_exp{i % 3}.png") for i in range(60)])
    groups, sentence = groups_of_parts(named, keys, pooled, by_name=True)
    assert groups.tolist() == (np.arange(60) // 3).tolist()
    assert "show 20 parts" in sentence
    plain = tw.Dataset([tw.data.Item(f"{hash(i) % 97}{i}x.png") for i in range(60)])
    apart, none = groups_of_parts(plain, keys, pooled, by_name=False)
    assert (len(np.unique(apart)), none) == (60, "")
    pairs = pooled[np.arange(60) % 3 < 2]
    assert "much more alike" in repeated_sign(pairs, np.arange(40))
    assert repeated_sign(own.astype(np.float32), np.arange(20)) == ""


def test_fit_and_predict_by_command(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, maps = str(tmp_path / "parts.topwork"), tmp_path / "maps"
    assert run(["fit", str(folder), "--task", "one-class", "-o", model, "--json"]) == 0
    fitted = json.loads(capsys.readouterr().out)
    assert (fitted["task"], fitted["n_items"], fitted["false_alarms"]) == ("one-class", 20, 0.05)
    assert fitted["scores"]["auroc"] is None
    asked = ["predict", model, str(folder / "bad.png"), "--map", str(maps), "--json"]
    assert run(asked) == 0
    (found,) = json.loads(capsys.readouterr().out)["predictions"]
    assert found["anomalous"]
    assert found["p"] == pytest.approx(1 / 21)
    heat = np.asarray(Image.open(found["map"]))
    assert heat.shape == (200, 300)
    assert heat.max() > 128
    assert run(["predict", model, str(folder), "--out", str(tmp_path / "t.csv")]) == 0
    assert "are anomalous" in capsys.readouterr().out
    assert (tmp_path / "t.csv").read_text().splitlines()[0] == "path,score,p,anomalous"


@pytest.mark.parametrize("rate", [0.0, 0.51, 1 - 1e-10])
def test_what_is_no_rate_of_false_alarms_is_refused(folder: Path, rate: float) -> None:
    with pytest.raises(ParameterError, match="false_alarms must be"):
        tw.AnomalyDetector(false_alarms=rate).fit(folder)


def test_heat_maps_replace_no_image(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, images = str(tmp_path / "parts.topwork"), tmp_path / "images"
    assert run(["fit", str(folder), "--task", "one-class", "-o", model, "--quiet"]) == 0
    images.mkdir()
    image, named_as_map = images / "bad.png", images / "bad-heat.png"
    image.write_bytes((folder / "bad.png").read_bytes())
    before = image.read_bytes()
    asked = ["predict", model, "--map", str(images), "--json"]
    capsys.readouterr()
    assert run([*asked, str(image)]) == 0
    (found,) = json.loads(capsys.readouterr().out)["predictions"]
    assert found["map"] == str(named_as_map)
    assert image.read_bytes() == before
    named_as_map.write_bytes(before)
    assert run([*asked, str(image), str(named_as_map)]) == 2
    assert "would replace an image" in json.loads(capsys.readouterr().out)["error"]["message"]
    assert sorted(images.iterdir()) == [named_as_map, image]
    assert named_as_map.read_bytes() == before


def test_heat_maps_go_neither_into_a_model_nor_over_a_file(
    detector: tw.AnomalyDetector, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = detector.save(tmp_path / "m.topwork")
    file = tmp_path / "own.csv"
    file.write_text("mine")
    for place, said in ((model, "would lie in the model"), (file, "is a file")):
        assert (
            run(["predict", str(model), str(folder / "bad.png"), "--map", str(place), "--json"])
            == 2
        )
        assert said in json.loads(capsys.readouterr().out)["error"]["message"]
    assert file.read_text() == "mine"
    tw.load(model)


def test_scores_come_from_one_pass(detector: tw.AnomalyDetector, folder: Path) -> None:
    files = iter([str(folder / "bad.png")])
    assert (
        detector.score_samples(files).tolist()
        == detector.predictions([str(folder / "bad.png")]).scores.tolist()
    )
    with pytest.raises(BadItemsError):
        detector.score_samples([str(folder / "missing.png")])


def test_the_part_is_named_in_a_table(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "parts.csv"
    rows = [f"{folder}/train/good/{i}.png,{i // 2},good" for i in range(18)]
    table.write_text("\n".join(["path,tile,label", *rows, f"{folder}/bad.png,9,scratch"]))
    asked = ["fit", str(table), "--task", "one-class", "--columns", "group=tile"]
    model = ["-o", str(tmp_path / "m.topwork"), "--json"]
    assert run([*asked, "--false-alarms", "0.1", *model]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["n_items"], found["n_groups"]) == (18, 9)
    assert run([*asked, *model]) == 2
    assert "9 good parts can promise" in json.loads(capsys.readouterr().out)["error"]["message"]


def test_one_class_that_is_called_good_needs_no_task(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["fit", str(folder / "train"), "-o", str(tmp_path / "m.topwork"), "--json"]
    assert run(asked) == 0
    assert json.loads(capsys.readouterr().out)["task"] == "one-class"


def test_what_is_not_for_inspection_is_refused(
    folder: Path, drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["fit", str(drawn), "--false-alarms", "0.1", "--json"]) == 2
    assert "good parts only" in json.loads(capsys.readouterr().out)["error"]["message"]
    for asked in (["--int8"], ["--order", "bad,good"]):
        assert run(["fit", str(folder), "--task", "one-class", *asked, "--json"]) == 2
        assert asked[0] in json.loads(capsys.readouterr().out)["error"]["message"]
    classifier = tw.ImageClassifier("pixels", baselines=False).fit(drawn)
    model = str(classifier.save(tmp_path / "classes.topwork"))
    assert run(["predict", model, str(folder / "bad.png"), "--map", str(tmp_path), "--json"]) == 2
    assert "--map" in json.loads(capsys.readouterr().out)["error"]["message"]


def test_only_good_parts_of_a_data_set_are_fitted(folder: Path) -> None:
    data = tw.read(folder / "train", layout="class")
    labels = ["good"] * 12 + ["dent"] * 8
    mixed = replace(data, targets=ClassTargets.from_labels(labels))
    with pytest.raises(DataError, match="12 good parts can promise"):
        tw.AnomalyDetector().fit(mixed)


def test_another_light_is_told_from_defective_parts(
    detector: tw.AnomalyDetector, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another light is no defect of each part; images of the fit say nothing of it."""
    rng = np.random.default_rng(7)
    new = [good_part(rng) for _ in range(16)]
    assert detector.predictions([*new, *(image for image, _ in BAD[:4])]).moved is None
    assert detector.predictions(GOOD).moved is None
    darker = [(0.7 * image).astype(np.uint8) for image in new]
    moved = detector.predictions(darker).moved
    assert moved is not None
    assert moved.direction == "higher"
    model = str(detector.save(tmp_path / "m.topwork"))
    (tmp_path / "good").mkdir()
    for i, image in enumerate(darker):
        Image.fromarray(image).save(tmp_path / "good" / f"{i}.png")
    assert run(["predict", model, str(tmp_path / "good")]) == 0
    assert "higher as a whole" in " ".join(capsys.readouterr().out.split())
    assert run(["predict", model, str(tmp_path / "good"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["moved"]["n"] == 16
    found = detector.evaluate(tmp_path)
    assert found.moved is not None
