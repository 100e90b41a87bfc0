"""A detector from few scenes: what it finds, saves, and refuses."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import topwork as tw
from benchmarks.composites import Scene, scenes
from tests.backbones.detector_models import saved_detector
from tests.runtime.recorder import Recorder
from tests.small_detectors import SMALL, small_detectors
from topwork.data import Dataset
from topwork.data.targets.python_boxes import boxes_of
from topwork.errors import BackboneError, DataError, ParameterError
from topwork.inductive.detection import fitting
from topwork.inductive.detection.fitting import fit_boxes
from topwork.model import DetectorModel
from topwork.model.detection.annotated import annotated
from topwork.runtime.executor import running_on
from topwork.search import detectors
from topwork.settings import FitSettings
from topwork.training.detection.fit import TrainedLayers, fit_detection
from topwork.trials.detection import maps
from topwork.trials.detection.crops import SIDE as CROP
from topwork.trials.detection.crops import CropNetwork
from topwork.trials.detection.cross_fitting import CrossFitting
from topwork.trials.detection.fold_fitting import MIN_STEPS

SIDE, STEPS = 128, 40
"""Of the fits whose detections are looked at, however quick the machine is."""


@pytest.fixture(scope="module")
def drawn_scenes() -> list[Scene]:
    return scenes(40, seed=0)


@pytest.fixture(scope="module")
def fitted(drawn_scenes: list[Scene], session_cache: Path) -> tw.ObjectDetector:
    images, boxes = zip(*drawn_scenes, strict=True)
    with small_detectors(SIDE, steps=STEPS):
        detector = tw.ObjectDetector(SMALL, minutes=20.0, n_folds=3)
        return detector.fit(list(images), list(boxes))


@pytest.fixture(scope="module")
def saved(fitted: tw.ObjectDetector, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fitted.save(tmp_path_factory.mktemp("models") / "scenes.topwork")


def test_is_judged_on_scenes_that_it_was_not_trained_on(fitted: tw.ObjectDetector) -> None:
    result = fitted.result_
    assert result.n_items == 40
    assert result.scores.ap50.low < result.scores.ap50.value <= (result.scores.ap50.high or 1)
    assert [one.label for one in result.per_class] == ["cat", "cup", "face", "flower"]
    assert result.n_negatives == sum(not one.boxes for one in scenes(40, seed=0))


def test_finds_objects_in_new_scenes_as_its_folds_said(fitted: tw.ObjectDetector) -> None:
    new = scenes(60, seed=1)
    images, boxes = zip(*new, strict=True)
    found = fitted.evaluate(list(images), list(boxes))
    expected = fitted.result_.scores.ap50
    assert found.scores.ap50.value > 0.3
    assert found.scores.ap50.value > expected.low - 0.1
    assert found.seen_in_training == 0


def test_the_saved_model_finds_the_same_in_another_process(
    fitted: tw.ObjectDetector, saved: Path, tmp_path: Path
) -> None:
    image = scenes(1, seed=5)[0].image
    Image.fromarray(image).save(tmp_path / "scene.png")
    here = fitted.predict([image], threshold=0.05)[0]
    code = (
        "import sys, json, topwork as tw; found = tw.load(sys.argv[1]).predict([sys.argv[2]], "
        "threshold=0.05)[0]; print(json.dumps([found, 'torch' in sys.modules]))"
    )
    command = [sys.executable, "-c", code, str(saved), str(tmp_path / "scene.png")]
    there, torch = json.loads(subprocess.check_output(command))
    assert not torch
    assert [box[0] for box in there] == [box.label for box in here]
    assert np.allclose([box[1:] for box in there], [box[1:] for box in here], atol=1e-3)


def test_boxes_lie_in_the_image_and_the_most_probable_come_first(
    fitted: tw.ObjectDetector,
) -> None:
    for found in fitted.predict([one.image for one in scenes(4, seed=6)], threshold=0.02):
        probabilities = [box.probability for box in found]
        assert probabilities == sorted(probabilities, reverse=True)
        for _, _, x1, y1, x2, y2 in found:
            assert 0 <= x1 <= x2 <= 320
            assert 0 <= y1 <= y2 <= 240


def test_a_second_fit_computes_no_maps(drawn_scenes: list[Scene], fitted: Any) -> None:
    images, boxes = zip(*drawn_scenes, strict=True)
    with small_detectors(SIDE):
        again = tw.ObjectDetector(SMALL, minutes=0.001, n_folds=2).fit(list(images), list(boxes))
    assert fitted.result_.features.computed > 0
    assert again.result_.features.computed == 0
    assert again.result_.input.steps == MIN_STEPS


def test_a_saved_model_is_refused_when_it_was_changed(saved: Path, tmp_path: Path) -> None:
    import shutil

    from topwork.errors import BundleError

    copy = tmp_path / "changed.topwork"
    shutil.copytree(saved, copy)
    assert isinstance(tw.load(copy), DetectorModel)
    card = json.loads((copy / "model.json").read_text())
    (copy / "model.json").write_text(json.dumps({**card, "threshold": 0.1}))
    with pytest.raises(BundleError):
        tw.load(copy)


def test_too_few_annotated_images_are_refused() -> None:
    few = scenes(10, seed=3)[:5]
    with pytest.raises(DataError, match="show an annotated object"):
        tw.ObjectDetector().fit([one.image for one in few], [one.boxes for one in few])


@pytest.mark.parametrize(
    "boxes",
    [
        [[("cat", 1, 2, 3)]],
        [[("cat", 9, 2, 3, 4)]],
        [[("cat", float("nan"), 2, 3, 4)]],
        [[("cat", 0.1, 0.2, 0.5, 0.6)]],
        ["cat"],
        [],
        3,
    ],
)
def test_what_is_no_box_is_named(boxes: Any) -> None:
    with pytest.raises(DataError) as refused:
        boxes_of(boxes, 1)
    assert refused.value.code == "bad_boxes"


@pytest.mark.parametrize(
    "asked",
    [
        {"strategy": "lora"},
        {"class_weight": "balanced"},
        {"thorough": True},
        {"costs": {"cat": 2.0, "cup": 1.0}},
        {"int8": True},
        {"start": "a.topwork"},
        {"backbone": "auto"},
    ],
    ids=lambda asked: next(iter(asked)),
)
def test_what_only_classifiers_can_do_is_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(ParameterError, match="works for classes only"):
        fitting.check_detection_settings(FitSettings(**asked))


def test_says_what_pretraining_is_worth(fitted: tw.ObjectDetector) -> None:
    result = fitted.result_
    empty, untrained, own = result.tried
    assert (empty.name, empty.ap50, empty.steps, empty.n_items) == ("the empty answer", 0.0, 0, 40)
    assert (untrained.name, untrained.steps) == ("the untrained network", own.steps)
    assert untrained.n_items < own.n_items == 40
    assert [t.baseline for t in result.tried] == [True, True, False]
    gain = result.transfer.gain
    assert result.transfer.baseline == untrained.name
    assert gain.low < gain.difference < gain.high
    assert gain.difference > 0.1
    assert result.transfer.sentence in fitted.model_.parts.pages["report.html"]


@pytest.fixture
def few(drawn_scenes: list[Scene]) -> Iterator[Dataset]:
    """Eight scenes, which detectors see at 64 pixels, or 96, for a few steps."""
    images, boxes = zip(*[one for one in drawn_scenes if one.boxes][:8], strict=True)
    with small_detectors(64, 96, at_least=4) as patch:
        patch.setattr(detectors, "MAX_STEPS", 8)
        for name in ("TUNED_STEPS", "MIN_TUNED_STEPS", "WHOLE_STEPS", "MIN_WHOLE_STEPS"):
            patch.setattr(detectors, name, 4)
        patch.setattr(detectors, "_FIRST", 1e-6)
        yield annotated(list(images), list(boxes), split="train")


@pytest.mark.parametrize(
    ("asked", "tried"),
    [
        ("partial", [detectors.FROZEN, detectors.TUNED]),
        ("auto", [detectors.FROZEN, detectors.LARGER, detectors.TUNED, detectors.WHOLE]),
    ],
)
def test_what_was_trained_above_the_frozen_network_is_saved(
    asked: Any,
    tried: list[str],
    few: Dataset,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fitting, "select_detector", lambda trials, *_, **__: (trials[-1], None))
    settings = FitSettings(
        backbone=SMALL, strategy=asked, n_folds=2, name_groups=False, baselines=False
    )
    fitted = fit_boxes(few, settings, save_to=tmp_path / "tuned.topwork")
    assert [t.name for t in fitted.result.tried] == tried
    assert fitted.result.strategy == ("partial" if asked == "partial" else "full")
    loaded = tw.load(tmp_path / "tuned.topwork")
    new = [one.image for one in scenes(3, seed=9)]
    here = fitted.model.predictions(new, threshold=0.0).columns()
    there = loaded.predictions(new, threshold=0.0).columns()
    assert here == there
    assert len(here["path"]) > 0


def test_the_whole_network_starts_where_the_frozen_one_is(
    few: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOPWORK_PRECISION", "float32")  # the two round bfloat16 differently
    settings = FitSettings(backbone=SMALL, n_folds=2, baselines=False, minutes=1e-3)
    chosen = fit_boxes(few, settings).evidence.chosen
    mapped, rows = chosen.mapped, np.arange(len(few))
    fitting = CrossFitting(mapped, chosen.fitted.plan, np.zeros(len(few), int))
    job = replace(fitting._job(None), start=chosen.fitted.final.weights, held_out=rows)
    whole = TrainedLayers(mapped.backbone.name, 64, 64, None, mapped.names, learning_rate=1e-9)
    recipe = replace(job.recipe, steps=1, learning_rate=1e-9)
    pixels = maps.decoded_views(mapped)
    frozen = fit_detection(replace(job, recipe=recipe))
    found = fit_detection(replace(job, recipe=recipe, layers=whole, pixels=pixels))
    for (one,), (other,) in zip(found.found, frozen.found, strict=True):
        n = min(len(one), len(other))
        assert n > 0.9 * max(len(one), len(other))
        assert np.abs(one.scores[:n] - other.scores[:n]).max() < 0.01
        apart = np.abs(one.corners[:n, None] - other.corners[None]).max(axis=2)
        assert apart.min(axis=1).max() < 1.0
    assert "blocks.0.0.conv_dw.weight" in found.layers


def test_folds_run_wherever_tasks_run(few: Dataset) -> None:
    settings = FitSettings(backbone=SMALL, n_folds=2, baselines=False, minutes=1e-3)
    search = fit_boxes(few, settings).evidence.search
    (first,) = search.trials
    recorder = Recorder()
    with running_on(recorder):
        again = CrossFitting(first.mapped, first.fitted.plan, search.folds).run()
    assert recorder.seen == ["fit_detection"] * 3
    for fold, fit in first.fitted.by_fold.items():
        pairs = zip(again.by_fold[fold].found, fit.found, strict=True)
        for (one,), (other,) in pairs:
            np.testing.assert_array_equal(one.scores, other.scores)
            np.testing.assert_array_equal(one.corners, other.corners)


@pytest.mark.parametrize("asked", ["partial", "full"])
def test_a_strategy_without_time_says_so(asked: Any, few: Dataset) -> None:
    settings = FitSettings(backbone=SMALL, strategy=asked, n_folds=2, baselines=False, minutes=0.01)
    result = fit_boxes(few, settings).result
    assert result.strategy == "probe"
    (rung,) = result.ladder
    assert not rung.tried
    assert "--minutes" in rung.reason


def test_auto_says_what_it_had_no_time_for(few: Dataset) -> None:
    settings = FitSettings(
        backbone=SMALL, strategy="auto", n_folds=2, name_groups=False, minutes=1e-4
    )
    result = fit_boxes(few, settings).result
    assert [rung.tried for rung in result.ladder] == [False] * len(result.ladder)
    assert [rung.name for rung in result.ladder][-1] == "the untrained network"
    assert result.transfer is None
    assert all("--minutes" in rung.reason for rung in result.ladder)


def test_other_networks_are_cut_where_their_maps_have_the_strides(
    drawn_scenes: list[Scene],
) -> None:
    images, boxes = zip(*[one for one in drawn_scenes if one.boxes][:8], strict=True)
    parameters = {"n_folds": 2, "name_groups": False, "minutes": 1e-3, "cache": False}
    with small_detectors(64, views=1, at_least=2):
        fitted = tw.ObjectDetector("random:resnet18/64", **parameters).fit(
            list(images), list(boxes)
        )
    assert fitted.model_.card.cut == "layer2.1+layer3.1+layer4.1"
    with pytest.raises(BackboneError, match="only takes images of the size"):
        tw.ObjectDetector("pixels", **parameters).fit(list(images), list(boxes))


def test_the_network_of_a_known_detector_gives_the_maps(
    drawn_scenes: list[Scene], tmp_path: Path
) -> None:
    folder = saved_detector(tmp_path / "rt_detr", "rt_detr")
    images, boxes = zip(*[one for one in drawn_scenes if one.boxes][:8], strict=True)
    parameters = {"n_folds": 2, "name_groups": False, "minutes": 1e-3, "cache": False}
    detector = tw.ObjectDetector(f"transformers:own@{folder}", **parameters)
    with small_detectors(64, views=1, at_least=2):
        fitted = detector.fit(list(images), list(boxes))
    assert fitted.model_.card.cut == "encoder.stages.1+encoder.stages.2+encoder.stages.3"
    bundle = fitted.save(tmp_path / "own.topwork")
    shutil.rmtree(folder)  # the bundle holds all of it
    before, after = (
        model.predictions(list(images), threshold=0.0).detections
        for model in (fitted.model_, tw.load(bundle))
    )
    assert all(len(one) > 0 for one in after)
    for one, other in zip(before, after, strict=True):
        assert np.array_equal(one.scores, other.scores)
        assert np.array_equal(one.corners, other.corners)


def test_crops_are_small_for_any_convolutional_network(tmp_path: Path) -> None:
    folder = saved_detector(tmp_path / "rt_detr", "rt_detr", side=192)
    network = CropNetwork.of(f"transformers:own@{folder}", keep=False)
    assert (network.framing.height, network.framing.width) == (CROP, CROP)
    assert network.graph.shape == (32,)
