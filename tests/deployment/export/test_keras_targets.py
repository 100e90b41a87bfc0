"""Models in Keras, TensorFlow and LiteRT; the latter two where the extra ``tensorflow`` is.

It is not part of ``test``: with TensorFlow installed, Keras imports it beside PyTorch.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import topwork as tw
from tests.deployment.export.models import MODELS, classes
from tests.deployment.export.runtimes import without_topwork
from topwork.backbones import POOLED, resolve
from topwork.backbones.engines import OpenVINOEngine, graph_of
from topwork.deployment.export.graph_nodes import UnsupportedOperatorError
from topwork.deployment.export.running import opened_apart
from topwork.deployment.export.target import LITERT
from topwork.errors import BackboneError

# Keras asks torch for arrays in the way of NumPy 1
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture(scope="module")
def network(drawn: Path, session_cache: Path) -> Any:
    return classes(drawn, "efficientnet_lite0/64")


def check(folder: Path) -> None:
    """By what went with it, where topwork can't be imported."""
    ran = without_topwork(folder, str(folder / "verify.py"))
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize("task", [task for task in MODELS if task not in ("texts", "words")])
def test_every_task_of_images_in_keras(task, drawn, session_cache, tmp_path) -> None:
    result = tw.export_model(MODELS[task](drawn), "keras", tmp_path / "out")
    assert result.max_difference <= 1e-4
    assert result.n_items in (12, 36)


def test_a_model_of_keras_can_be_trained_on(network, tmp_path) -> None:
    tw.export_model(network, "keras", tmp_path / "out")
    check(tmp_path / "out")
    keras = sys.modules["keras"]
    made = keras.models.load_model(tmp_path / "out" / "model.keras")
    assert sum(np.prod(one.shape) for one in made.trainable_weights) > 3e6
    assert set(made.output) == {"probabilities", "logits", "features"}


def test_a_model_of_keras_is_a_backbone_again(network, tmp_path) -> None:
    """Up to its features, with cuts; the same numbers come back."""
    tw.export_model(network, "keras", tmp_path / "out")
    found = resolve(f"keras:again@{tmp_path / 'out' / 'model.keras'}")
    assert len(found.load().cuts) > 10
    images = np.random.default_rng(1).integers(0, 256, (3, 64, 64, 3), np.uint8)
    answers = []
    for backbone in (found, resolve("efficientnet_lite0/64")):
        graph = graph_of(backbone, cut=POOLED, folder=tmp_path / "graphs")
        ((_, (features,)),) = OpenVINOEngine(graph.xml).run([(0, images)])
        answers.append(features)
    ours, theirs = answers
    assert np.abs(ours - theirs).max() <= 1e-5 * np.abs(theirs).max()


@pytest.mark.parametrize(
    ("to", "files"), [("savedmodel", {"model/saved_model.pb"}), ("litert", {"model.tflite"})]
)
def test_what_tensorflow_makes(to, files, network, tmp_path) -> None:
    pytest.importorskip("tensorflow")
    pytest.importorskip("ai_edge_litert")
    result = tw.export_model(network, to, tmp_path / "out")
    assert result.max_difference <= 1e-4
    assert result.labels_flipped == 0
    assert all((tmp_path / "out" / file).is_file() for file in files)
    check(tmp_path / "out")


@pytest.mark.parametrize("to", ["keras", "savedmodel"])
def test_texts_are_refused(to, session_cache, tmp_path) -> None:
    if to == "savedmodel":
        pytest.importorskip("tensorflow")
    model = MODELS["texts"](tmp_path)
    with pytest.raises(UnsupportedOperatorError, match="the length of texts is open"):
        tw.export_model(model, to, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_runtime_that_ends_is_told(tmp_path) -> None:
    run = opened_apart(LITERT.recipe, tmp_path / "nothing.tflite")
    with pytest.raises(BackboneError, match="ended before it gave an answer"):
        run(np.zeros((1, 2), np.float32))


@pytest.mark.parametrize("to", ["savedmodel", "litert"])
def test_the_extra_is_named(to, network, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("topwork.installation.missing", lambda packages: ("tensorflow",))
    with pytest.raises(BackboneError, match=r"\[tensorflow\]"):
        tw.export_model(network, to, tmp_path / "out")
