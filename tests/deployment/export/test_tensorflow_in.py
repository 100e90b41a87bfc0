"""What TensorFlow saves is a backbone, read without it; made where the extra ``tensorflow`` is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import topwork as tw
from tests.deployment.export.models import classes
from topwork.backbones import POOLED, Backbone, resolve
from topwork.backbones.engines import OpenVINOEngine, graph_of
from topwork.errors import BackboneError

_MAKE = """
import sys
import numpy as np
import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

folder = sys.argv[1]
images = np.load(folder + "/images.npy").astype(np.float32) / 127.5 - 1
takes = tf.TensorSpec([None, None, None, 3], tf.float32)
words = tf.TensorSpec([None], tf.string)


class Made(tf.Module):
    def __init__(self):
        random = np.random.RandomState(0)
        self.kernel = tf.Variable(random.randn(3, 3, 3, 16).astype(np.float32) / 5)
        self.head = tf.Variable(random.randn(16, 5).astype(np.float32))

    @tf.function(input_signature=[takes])
    def call(self, image):
        maps = tf.nn.relu(tf.nn.conv2d(image, self.kernel, 2, "SAME"))
        vector = tf.reduce_mean(maps, [1, 2])
        return {"logits": vector @ self.head, "feature_vector": vector, "maps": maps}

    @tf.function(input_signature=[takes])
    def maps(self, image):
        return {"maps": self.call(image)["maps"]}

    @tf.function(input_signature=[words])
    def length(self, text):
        return {"length": tf.cast(tf.strings.length(text), tf.float32)}

    @tf.function(input_signature=[takes, tf.TensorSpec([None, 5], tf.float32)])
    def two(self, image, other):
        return {"sum": self.call(image)["logits"] + other}

    @tf.function(input_signature=[takes])
    def odd(self, image):
        return {"out": tf.nn.fractional_avg_pool(image, [1.0, 1.5, 1.5, 1.0])[0]}


class Table(tf.Module):
    def __init__(self):
        init = tf.lookup.KeyValueTensorInitializer(["a", "b"], [1.0, 2.0])
        self.table = tf.lookup.StaticHashTable(init, 0.0)

    @tf.function(input_signature=[words])
    def look(self, text):
        return {"found": self.table.lookup(text)[:, None] * tf.ones([1, 4])}


made, table = Made(), Table()
tf.saved_model.save(table, f"{folder}/look", {"serving_default": table.look})
for name in ("call", "maps", "length", "two", "odd"):
    tf.saved_model.save(made, f"{folder}/{name}", {"serving_default": getattr(made, name)})
concrete = made.maps.get_concrete_function()
frozen = convert_variables_to_constants_v2(concrete)
tf.io.write_graph(frozen.graph.as_graph_def(), folder, "maps.pb", as_text=False)
lite = tf.lite.TFLiteConverter.from_concrete_functions([concrete], made).convert()
open(folder + "/maps.tflite", "wb").write(lite)
np.save(folder + "/expected.npy", made.call(images)["feature_vector"].numpy())
"""


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Graphs that TensorFlow saved in a process of its own, and what it computes."""
    pytest.importorskip("tensorflow")
    folder = tmp_path_factory.mktemp("tensorflow")
    images = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), np.uint8)
    np.save(folder / "images.npy", images)
    ran = subprocess.run(
        [sys.executable, "-c", _MAKE, str(folder)],
        capture_output=True, text=True, check=False,
        env={**os.environ, "CUDA_VISIBLE_DEVICES": "", "TF_CPP_MIN_LOG_LEVEL": "3"},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return folder


def features(backbone: Backbone, images: np.ndarray) -> np.ndarray:
    graph = graph_of(backbone, cut=POOLED, folder=None)
    ((_, (found,)),) = OpenVINOEngine(graph.xml).run([(0, images)])
    return found


@pytest.mark.parametrize("file", ["call", "maps", "maps.pb", "maps.tflite"])
def test_features_are_those_of_tensorflow(file, saved) -> None:
    images, expected = np.load(saved / "images.npy"), np.load(saved / "expected.npy")
    found = features(resolve(f"savedmodel:made/-1..1/32@{saved / file}"), images)
    assert np.abs(found - expected).max() <= 1e-5 * np.abs(expected).max()


@pytest.mark.parametrize(
    ("folder", "said"),
    [
        ("length", "takes strings or looks words up"),
        ("look", "takes strings or looks words up"),
        ("two", "has 2 inputs"),
        ("odd", "cannot convert FractionalAvgPool in odd"),
    ],
)
def test_what_is_no_backbone_is_refused(folder, said, saved) -> None:
    with pytest.raises(BackboneError, match=said):
        features(
            resolve(f"savedmodel:made/-1..1/32@{saved / folder}"), np.load(saved / "images.npy")
        )


def test_a_saved_model_out_and_in_again(drawn, session_cache, tmp_path) -> None:
    """The features of an exported model come back, and a model is fitted on them."""
    pytest.importorskip("tensorflow")
    tw.export_model(classes(drawn, "efficientnet_lite0/64"), "savedmodel", tmp_path / "out")
    name = f"savedmodel:again@{tmp_path / 'out' / 'model'}"
    images = np.random.default_rng(1).integers(0, 256, (4, 64, 64, 3), np.uint8)
    wanted = features(resolve("efficientnet_lite0/64"), images)
    found = features(resolve(name), images)
    assert np.abs(found - wanted).max() <= 1e-5 * np.abs(wanted).max()
    again = classes(drawn, name)
    assert again.predict(sorted(drawn.glob("*/*.png"))[:3]).shape == (3,)
