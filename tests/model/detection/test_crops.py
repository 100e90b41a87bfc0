"""Detectors that look at each box again: what is saved sees what the fit saw."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import topwork as tw
from benchmarks.composites import scenes
from topwork.backbones import DEFAULT_BACKBONE
from topwork.backbones.engines import OpenVINOEngine
from topwork.calibration.detection import BoxCalibration, SecondLook, with_probabilities
from topwork.calibration.detection.box_features import BOX_COLUMNS
from topwork.calibration.detection.class_evidence import EVIDENCE_COLUMNS, ClassEvidence
from topwork.data import Dataset, Item
from topwork.deployment.live.recognition.box_recogniser import BoxRecogniser
from topwork.errors import BundleError
from topwork.model.card import CropInput
from topwork.model.detection.graph import with_crop_network
from topwork.model.detection.model import DetectorModel
from topwork.model.storage.manifest import sha256
from topwork.trials.detection.crops import CropNetwork

AS_THEY_ARE = BoxCalibration(rise=1, fall=1, shift=0, n_detections=0)


@pytest.fixture(scope="module")
def network(session_cache: Path) -> CropNetwork:
    return CropNetwork.of(DEFAULT_BACKBONE, keep=True)


@pytest.fixture(scope="module")
def looking(detector: Path, network: CropNetwork) -> DetectorModel:
    """A detector whose second look is at crops, with weights at random."""
    parts = tw.load(detector).parts
    rng, f, k = np.random.default_rng(0), network.graph.shape[0], len(parts.card.labels)
    d = BOX_COLUMNS + EVIDENCE_COLUMNS
    evidence = ClassEvidence(
        np.zeros(f, np.float32),
        np.ones(f, np.float32),
        rng.normal(size=(f + 1, k + 1)).astype(np.float32),
    )
    look = SecondLook(np.zeros(d), np.ones(d), rng.normal(size=d) / 9, np.zeros(k), evidence)
    card = parts.card.model_copy(
        update={"crops": CropInput(framing=network.framing, width=f), "calibration": AS_THEY_ARE}
    )
    graph = with_crop_network(parts.graph, network.graph.read())
    return DetectorModel(replace(parts, graph=graph, card=card, look=look))


def test_a_saved_detector_sees_the_crops_that_the_fit_saw(looking, network, tmp_path):
    images = [one.image for one in scenes(6, seed=5)]
    sizes = [(image.shape[1], image.shape[0]) for image in images]
    blind = DetectorModel(
        replace(looking.parts, look=None, card=looking.card.model_copy(update={"crops": None}))
    )
    raw = blind.predictions(images, threshold=0.0).detections
    data = Dataset([Item(f"{i}", value=image) for i, image in enumerate(images)], None)
    again = network.look(data, raw, sizes)
    assert max(len(one.features) for one in again) > 1
    loaded = tw.load(looking.save(tmp_path / "looking.topwork"))
    found = loaded.predictions(images, threshold=0.0).detections
    for own, plain, seen, size in zip(found, raw, again, sizes, strict=True):
        expected = with_probabilities(
            plain, size, calibration=AS_THEY_ARE, look=looking.parts.look, network=seen
        )
        assert own.scores == pytest.approx(expected.scores, abs=2e-4)
        assert own.scores != pytest.approx(plain.scores, abs=0.05)
    for image, own in zip(images, found, strict=True):
        (alone,) = loaded.predictions([image], threshold=0.0).detections
        assert np.array_equal(alone.scores, own.scores)
        assert np.array_equal(alone.corners, own.corners)
        assert np.array_equal(alone.classes, own.classes)


def test_nothing_is_compiled_while_a_source_is_watched(looking, monkeypatch):
    images = [one.image for one in scenes(2, seed=5)]
    model = DetectorModel(looking.parts)
    recogniser = BoxRecogniser(model)

    def late(*_: object) -> None:
        raise AssertionError("a frame had to wait for a network to be compiled")

    monkeypatch.setattr(OpenVINOEngine, "__init__", late)
    monkeypatch.setattr("topwork.backbones.engines.openvino._Core.compiled", late)
    assert any(len(recogniser.recognise(image)) for image in images)


@pytest.mark.parametrize("change", ["width", "height", "gone", "mirrored"])
def test_crops_that_do_not_fit_the_graph_are_refused(looking, tmp_path, change):
    bundle = looking.save(tmp_path / "bad.topwork")
    card = json.loads((bundle / "model.json").read_text())
    if change == "gone":
        del card["crops"]
    elif change == "width":
        card["crops"]["width"] += 1
    else:
        card["crops"]["framing"][change] = 96 if change == "height" else True
    (bundle / "model.json").write_text(json.dumps(card))
    manifest = json.loads((bundle / "manifest.json").read_text())
    manifest["files"]["model.json"] = sha256(bundle / "model.json")
    (bundle / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(BundleError):
        tw.load(bundle)


def test_crops_that_take_too_long_are_left_out(looking, network):
    images = [one.image for one in scenes(3, seed=6)]
    sizes = [(image.shape[1], image.shape[0]) for image in images]
    raw = looking.predictions(images, threshold=0.0).detections
    data = Dataset([Item(f"{i}", value=image) for i, image in enumerate(images)], None)
    assert network.look(data, raw, sizes, seconds=0.0) is None
    assert network.look(data, raw, sizes) is not None
    unlike = replace(network, graph=replace(network.graph, faithful=False))
    assert unlike.look(data, raw, sizes) is None
