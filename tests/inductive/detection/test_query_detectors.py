"""Whole detectors of transformers, fine-tuned, judged, saved, and used without PyTorch."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import topwork as tw
from benchmarks.composites import scenes
from tests.backbones.detector_models import relative, saved_detector
from tests.model.mutations import Mutation, card, copied, manifest, put, seal, tensors
from tests.small_detectors import small_detectors
from topwork.backbones.engines.openvino import openvino
from topwork.cli.boxes.fit import _finds_with
from topwork.data import Dataset
from topwork.errors import BundleError
from topwork.inductive.detection import fitting
from topwork.inductive.detection.fitting import FittedDetector, fit_boxes
from topwork.inductive.detection.network_with_maps import network_with_maps
from topwork.installation import missing_extra
from topwork.model import DetectorModel
from topwork.model.detection.annotated import annotated
from topwork.runtime.run_context import RunContext
from topwork.search import detectors, pretrained_detector
from topwork.search.detectors import DetectorLadder
from topwork.search.ladder import RungRecord
from topwork.settings import FitSettings
from topwork.transductive.detection.new_domain import look_at_domain
from topwork.trials.detection.trial import QueryTrial, select_detector

SIDE = 64
NAME = "whole detector fine-tuned"


@pytest.fixture(scope="module")
def few() -> Dataset:
    images, boxes = zip(
        *[(o.image, o.boxes) for o in scenes(14, seed=0) if o.boxes][:8], strict=True
    )
    return annotated(list(images), list(boxes), split="train")


def settings(folder: Path, **others: object) -> FitSettings:
    plain = {"n_folds": 2, "name_groups": False, "baselines": False, "cache": False}
    return FitSettings(
        backbone=f"transformers:own@{folder}", **{"strategy": "full", **plain, **others}
    )


@contextmanager
def quick() -> Iterator[pytest.MonkeyPatch]:
    """Few steps of everything; the whole network under our own head isn't tried."""
    with small_detectors(SIDE, views=2, steps=6, at_least=6) as patch:
        patch.setattr(detectors, "MIN_WHOLE_STEPS", 10**9)
        patch.setattr(pretrained_detector, "MIN_DETECTOR_STEPS", 2)
        patch.setattr(pretrained_detector, "DETECTOR_STEPS", 6)
        yield patch


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved_detector(tmp_path_factory.mktemp("detectors") / "rt_detr", "rt_detr")


def as_if_selected(few: Dataset, folder: Path) -> FittedDetector:
    """The whole detector, whatever its score."""

    def last(trials, targets, **how):
        chosen, selection = select_detector(trials, targets, **how)
        queries = [trial for trial in trials if isinstance(trial, QueryTrial)]
        return (queries or [chosen])[-1], selection

    with quick() as patch:
        patch.setattr(fitting, "select_detector", last)
        return fit_boxes(few, settings(folder, minutes=10.0))


@pytest.fixture(scope="module")
def fitted(few: Dataset, folder: Path) -> FittedDetector:
    return as_if_selected(few, folder)


def test_where_its_network_gives_no_maps_heads_stand_on_the_usual_one(few, tmp_path) -> None:
    yolos = saved_detector(tmp_path / "yolos", "yolos")
    name = f"transformers:own@{yolos}"
    assert network_with_maps(name, "probe") == name
    found = as_if_selected(few, yolos)
    assert (found.result.asked, found.result.backbone) == (name, "transformers:own")
    assert any("gives no maps" in note for note in found.result.notes)
    assert found.evidence.mapped.backbone.name.startswith("packaged:efficientnet_lite0")
    loaded = tw.load(found.model.save(tmp_path / "yolos.topwork"))
    image = few.items[0].value
    here, there = (
        m.predictions([image], threshold=0.0).detections[0] for m in (found.model, loaded)
    )
    assert len(here) > 0
    assert np.allclose(here.scores, there.scores, atol=1e-5)


@pytest.fixture(scope="module")
def saved(fitted: FittedDetector, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fitted.model.save(tmp_path_factory.mktemp("models") / "own.topwork")


def test_it_is_judged_on_the_same_images_as_the_others(fitted: FittedDetector, few) -> None:
    tried = {one.name: one for one in fitted.result.tried}
    assert list(tried) == ["frozen network", NAME]
    assert tried[NAME].chosen
    assert {one.n_items for one in tried.values()} == {len(few)}
    assert fitted.result.backbone == "transformers:own"
    assert fitted.result.input.steps == 6
    assert fitted.result.input.strides == ()
    assert fitted.result.input.by_queries
    assert _finds_with(fitted.result.input) == "the pretrained detector itself, fine-tuned"
    page = fitted.model.parts.pages["report.html"]
    assert "own encoder, queries and loss of sets" in page


def test_the_saved_model_finds_the_same_without_torch(
    fitted: FittedDetector, saved: Path, few: Dataset, tmp_path: Path
) -> None:
    images = [item.value for item in few.items[:3]]
    here = fitted.model.predictions(images, threshold=0.0).detections
    assert all(len(one) > 0 for one in here)
    names = [str(tmp_path / f"{i}.png") for i in range(3)]
    for name, image in zip(names, images, strict=True):
        Image.fromarray(image).save(name)
    code = (
        "import sys, json, topwork as tw; found = tw.load(sys.argv[1]).predict(sys.argv[2:], "
        "threshold=0.0); print(json.dumps([found, 'torch' in sys.modules]))"
    )
    found = subprocess.check_output([sys.executable, "-c", code, str(saved), *names])
    there, torch = json.loads(found)
    assert not torch
    for own, other in zip(here, there, strict=True):
        assert np.allclose(own.scores, [box[1] for box in other], atol=1e-4)
        assert np.allclose(own.corners, [box[2:] for box in other], atol=0.1)


def test_it_is_evaluated_and_compared_with_a_new_domain(saved: Path, few: Dataset) -> None:
    model = tw.load(saved)
    found = model.evaluate(few)
    assert (found.n_items, found.seen_in_training, found.shift) == (len(few), len(few), None)
    domain = look_at_domain(model, replace(few, targets=None), n=2)
    assert domain.shift is None
    assert len(domain.suggested) <= 2
    model.compile()
    assert isinstance(model.recognise(few.items[0].value), list)


HOSTILE: dict[str, Mutation] = {
    "more queries": card(n_queries=9),
    "no queries": card(n_queries=0),
    "a million queries": card(n_queries=10**6),
    "other features": card(width=31),
    "more labels than classes": card(labels=[str(i) for i in range(9)]),
    "a threshold above 1": card(threshold=2.0),
    "another input": card(input__height=96),
    "a framing that crops": card(framing__geometry="crop"),
    "the card of a head": card(strides=[8, 16, 32]),
    "another task": manifest(task="classes"),
    "a network without boxes": manifest(form="network"),
    "a head": tensors("head.safetensors", lambda a: a.update(scales=np.ones(3, np.float32))),
    "pooled maps of others": tensors(
        "training.safetensors", put("pooled", lambda _: np.zeros((3, 5), np.float32))
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_changed_bundle_is_refused(saved: Path, tmp_path: Path, name: str) -> None:
    changed = copied(saved, tmp_path / "changed.topwork")
    HOSTILE[name](changed)
    seal(changed)
    with pytest.raises(BundleError) as refused:
        tw.load(changed)
    assert refused.value.remedy


def test_scores_are_shares_whatever_the_graph_gives(saved: Path, few: Dataset) -> None:
    parts = tw.load(saved).parts
    ov, graph = openvino(), parts.graph.clone()
    scores, corners, *others = (out.get_node().input_value(0) for out in graph.outputs)
    ops = ov.opset13
    wild = [ops.multiply(scores, np.float32(-1e6)), ops.multiply(corners, np.float32(-1)), *others]
    hostile = ov.Model([ops.result(one) for one in wild], graph.get_parameters(), "topwork")
    model = DetectorModel(replace(parts, graph=hostile))
    for found in model.predictions([few.items[0].value], threshold=0.0).detections:
        assert (found.scores >= 0).all()
        assert (found.corners[:, :2] <= found.corners[:, 2:]).all()


def test_where_its_library_fails_what_was_found_before_stays(
    fitted: FittedDetector, tmp_path: Path
) -> None:
    import transformers as library

    model, processor = relative("DeformableDetr")
    model.config.two_stage = model.config.with_box_refine = True  # chooses 300 of fewer places
    library.DeformableDetrForObjectDetection(model.config).save_pretrained(tmp_path)
    processor.save_pretrained(tmp_path)
    evidence = fitted.evidence
    run = RunContext(settings(tmp_path)).within(600.0)
    ladder = DetectorLadder(evidence.mapped.data, run, evidence.folds, evidence.groups)
    (found,) = ladder._tried(NAME, ladder._detector, [evidence.search.trials[0]])
    assert isinstance(found, RungRecord)
    assert not found.tried
    assert "can't be fine-tuned (RuntimeError: selected index k out of range)" in found.reason


def test_it_is_left_out_where_there_is_no_time_or_no_library(
    fitted: FittedDetector, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evidence = fitted.evidence
    first, data = evidence.search.trials[0], evidence.mapped.data

    def record(seconds: float) -> RungRecord:
        run = RunContext(settings(folder)).within(seconds)
        ladder = DetectorLadder(data, run, evidence.folds, evidence.groups)
        (found,) = ladder._tried(NAME, ladder._detector, [first])
        assert isinstance(found, RungRecord)
        return found

    late = record(1.0)
    assert not late.tried
    assert "--minutes" in late.reason

    def lacking(name: str) -> None:
        raise missing_extra("A network of transformers", ("transformers",))

    monkeypatch.setattr(pretrained_detector, "find_query_detector", lacking)
    absent = record(600.0)
    assert not absent.tried
    assert "the extra hub" in absent.reason
