"""Source ``keras``: networks with random weights, saved as users save theirs."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from tests.backbones.contract import (
    check_beside_another,
    check_network,
    check_trained_apart,
    compare_engines,
    compare_rebuilt,
)
from topwork.backbones import POOLED, Backbone, resolve
from topwork.backbones.engines import graph_of
from topwork.backbones.sources.keras.applications import APPLICATIONS
from topwork.backbones.sources.keras.library import keras as library
from topwork.backbones.sources.keras.loading import on_processor
from topwork.backbones.sources.keras.network import Framed, backbone_of
from topwork.backbones.sources.keras.pixels import BYTES, UNIT, pixels_of
from topwork.cli.app import run
from topwork.errors import BackboneError
from topwork.model import load
from topwork.training.freezing import trainable, training_mode

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")

SIDE = 32


class _Keras:
    """Imported when a test first asks, which takes seconds that collecting needn't."""

    def __getattr__(self, name: str) -> Any:
        return getattr(library(), name)


keras = _Keras()
MODULES = {a.module: a for a in APPLICATIONS}


def _shaken(model: Any) -> Any:
    """Statistics of normalisations that aren't 0 and 1."""
    rng = np.random.default_rng(0)
    for variable in model.variables:
        if "moving" in variable.path:
            variable.assign(rng.uniform(0.5, 1.5, variable.shape).astype(np.float32))
    return model


def _application(function: str, side: int = SIDE, **more: Any) -> Any:
    shape = (side, side, 3)
    build = getattr(keras.applications, function)
    return _shaken(build(weights=None, input_shape=shape, classes=4, **more))


def _cnn() -> Any:
    """What the tutorials show: augmentation and rescaling inside, a base, and a new head."""
    layers = keras.layers
    base = keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 3)),
            *[
                layer
                for width in (8, 12, 16, 24)
                for layer in (
                    layers.Conv2D(width, 3, strides=2, padding="same", use_bias=False),
                    layers.BatchNormalization(),
                    layers.ReLU(),
                )
            ],
        ]
    )
    images = keras.Input((SIDE, SIDE, 3))
    values = layers.RandomFlip("horizontal")(images)
    values = layers.Rescaling(1 / 127.5, offset=-1)(values)
    maps = base(values, training=False)
    maps = maps + layers.SeparableConv2D(24, 3, padding="same", activation="gelu")(maps)
    vector = layers.Dropout(0.2)(layers.GlobalAveragePooling2D()(maps))
    return _shaken(keras.Model(images, layers.Dense(3, activation="softmax")(vector)))


def _attention() -> Any:
    """Layers that have no equal in torch here stay layers of Keras."""
    layers = keras.layers
    images = keras.Input((SIDE, SIDE, 3))
    tokens = layers.Reshape((16, 16))(layers.Conv2D(16, 8, strides=8)(images))
    for _ in range(2):
        tokens = tokens + layers.MultiHeadAttention(2, 8)(tokens, tokens)
        tokens = layers.Dense(16, activation="relu")(layers.LayerNormalization()(tokens))
    vector = layers.GlobalAveragePooling1D()(tokens)
    return keras.Model(images, layers.Dense(3)(vector))


def _maps() -> Any:
    layers = keras.layers
    images = keras.Input((SIDE, SIDE, 3))
    maps = images
    for width in (8, 12, 16, 24):
        maps = layers.ZeroPadding2D(1)(maps)
        maps = layers.Conv2D(width, 3, strides=2, activation="relu")(maps)
        maps = layers.DepthwiseConv2D(3, depth_multiplier=2, padding="same")(maps)
        maps = layers.MaxPooling2D(3, 1, padding="same")(maps)
        maps = maps + layers.AveragePooling2D(2, 1, padding="same")(maps)
    return keras.Model(images, maps)


MODELS: dict[str, Callable[[], Any]] = {"cnn": _cnn, "attention": _attention, "maps": _maps}


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The file of a model, saved once."""
    root = tmp_path_factory.mktemp("keras")

    def file(name: str) -> Path:
        place: Path = root / f"{name}.keras"
        if not place.exists():
            MODELS[name]().save(place)
        return place

    return file


def _own(file: Path, name: str = "mine") -> Backbone:
    return resolve(f"keras:{name}@{file}")


def _answers(model: Any, images: torch.Tensor) -> torch.Tensor:
    """What Keras itself says about normalised images ``(b, 3, h, w)``."""
    with torch.inference_mode():
        answer: torch.Tensor = model(images.permute(0, 2, 3, 1)).cpu()
    return answer


@pytest.mark.parametrize(
    ("function", "width", "more"),
    [
        ("MobileNetV2", 1280, {"alpha": 0.35}),
        ("EfficientNetB0", 1280, {}),
        ("ResNet50", 2048, {}),
        ("ConvNeXtTiny", 768, {}),
    ],
)
def test_applications_answer_like_keras(function: str, width: int, more: dict) -> None:
    model = _application(function, **more)
    entry = next(a for a in APPLICATIONS if a.function == function)
    images = torch.rand(2, 3, SIDE, SIDE)
    expected = _answers(model, images)
    net = backbone_of("keras:x", Framed(model, pixels_of(entry))).load()
    ours = net.full(images.flip(1) if entry.module == "resnet" else images).detach()
    torch.testing.assert_close(ours, expected, rtol=1e-4, atol=1e-5)
    assert net.width == width


@pytest.mark.parametrize("name", MODELS)
def test_contract(name: str, saved, tmp_path: Path) -> None:
    backbone = _own(saved(name))
    net = backbone.load()
    images = torch.rand(2, 3, SIDE, SIDE)
    model = keras.saving.load_model(saved(name))
    expected = _answers(model, images)
    ours = net.full(images).detach()
    expected = expected.mean((1, 2)) if expected.dim() == 4 else expected
    torch.testing.assert_close(ours, expected, rtol=1e-4, atol=1e-5)
    assert len(net.cuts) >= 4 or name == "attention"
    check_network(net, backbone.input, everything=name == "cnn")
    graph = graph_of(backbone, cut=POOLED, folder=tmp_path)
    assert graph.faithful
    compare_engines(backbone, graph.xml)
    again = resolve(f"keras:mine@{graph.weights}")
    assert again == backbone
    compare_rebuilt(backbone, again)
    check_trained_apart(backbone)


def test_a_copy_of_layers_of_keras_has_the_names_and_the_flags_of_the_first(saved) -> None:
    import copy

    module = _own(saved("attention")).load().module
    next(iter(module.parameters())).requires_grad_(False)
    again = copy.deepcopy(module)
    assert list(again.state_dict()) == list(module.state_dict())
    flags = [{n: p.requires_grad for n, p in one.named_parameters()} for one in (module, again)]
    assert flags[0] == flags[1]
    assert not again.training
    places = {p.data_ptr() for p in module.parameters()}
    assert not places & {p.data_ptr() for p in again.parameters()}


def test_beside_another_network_it_is_built_from_the_tensors_of_both(saved, tmp_path) -> None:
    check_beside_another(_own(saved("cnn")), tmp_path)


def test_what_lies_behind_a_cut_trains_like_any_other(saved) -> None:
    import copy

    net = _own(saved("cnn")).load()
    cut = net.cuts[1]
    features = net.before[cut](torch.rand(4, 3, SIDE, SIDE)).detach()
    tail = copy.deepcopy(net.to_pooled[cut])
    training_mode(tail)
    tail(features).square().mean().backward()
    assert all(p.grad is not None for p in trainable(tail).values())
    assert all(p.grad is None for p in net.module.parameters())
    assert any(isinstance(m, torch.nn.BatchNorm2d) for m in tail.modules())


def test_fingerprints_tell_weights_apart(saved, tmp_path: Path) -> None:
    keras.saving.load_model(saved("cnn")).save(tmp_path / "again.keras")
    _cnn().save(tmp_path / "other.keras")
    first = _own(saved("cnn")).fingerprint
    assert _own(tmp_path / "again.keras").fingerprint == first
    assert _own(tmp_path / "other.keras").fingerprint != first


def test_weights_of_an_application_with_its_classifier(tmp_path: Path) -> None:
    file = tmp_path / "w.weights.h5"
    model = _shaken(keras.applications.MobileNetV3Small(weights=None, classes=4))
    model.save_weights(file)
    backbone = resolve(f"keras:mobilenetv3small/64@{file}")
    net = backbone.load()
    assert (backbone.input.height, backbone.input.std) == (64, BYTES.std)
    assert net.pooling(torch.rand(2, 3, 64, 64)).shape == (2, 1024)
    images = torch.rand(1, 3, 224, 224) * 255
    with torch.inference_mode():
        ours = net.full(images)
    torch.testing.assert_close(ours, _answers(model, images), rtol=1e-3, atol=1e-4)


def test_weights_of_an_application_without_its_classifier(tmp_path: Path) -> None:
    file = tmp_path / "w.weights.h5"
    model = keras.applications.MobileNet(weights=None, include_top=False, pooling="avg")
    _shaken(model).save_weights(file)
    backbone = resolve(f"keras:mobilenet@{file}")
    assert (backbone.input.width, backbone.input.std) == (224, (0.5, 0.5, 0.5))
    images = torch.rand(1, 3, 224, 224)
    with torch.inference_mode():
        ours = backbone.load().full(images)
    torch.testing.assert_close(ours, _answers(model, images), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("module", MODULES)
def test_preprocessing_is_the_networks_own(module: str) -> None:
    import importlib

    pixels = pixels_of(MODULES[module])
    picture = np.random.default_rng(0).uniform(0, 255, (1, 4, 4, 3)).astype(np.float32)
    own = importlib.import_module(f"keras.applications.{module}").preprocess_input
    ours = (picture / 255 - np.array(pixels.mean)) / np.array(pixels.std)
    expected = own(picture.copy())
    np.testing.assert_allclose(ours[..., ::-1] if pixels.bgr else ours, expected, atol=1e-3)


def test_a_model_that_scales_pixels_itself_gets_bytes(saved) -> None:
    assert _own(saved("cnn")).input.std == BYTES.std
    assert _own(saved("attention")).input.std == UNIT.std
    assert _own(saved("maps"), "mobilenetv2").input.std == (0.5, 0.5, 0.5)


@pytest.mark.parametrize("kind", ["lambda", "custom", "torch"])
def test_models_that_could_run_code_are_refused(kind: str, tmp_path: Path) -> None:
    class Own(keras.layers.Layer):
        def call(self, values):
            return values

    layer = {
        "lambda": lambda: keras.layers.Lambda(lambda x: x * 2, output_shape=(SIDE, SIDE, 3)),
        "custom": Own,
        "torch": lambda: keras.layers.TorchModuleWrapper(
            torch.nn.Identity(), output_shape=(None, SIDE, SIDE, 3)
        ),
    }[kind]()
    images = keras.Input((SIDE, SIDE, 3))
    model = keras.Model(images, keras.layers.GlobalAveragePooling2D()(layer(images)))
    model.save(tmp_path / "m.keras")
    with pytest.raises(BackboneError, match="could run code") as refusal:
        _own(tmp_path / "m.keras")
    assert refusal.value.code == "unsafe_model"
    assert "Lambda" in refusal.value.remedy


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("builtins", "function"),
        ("keras.layers", "load_model"),
        ("keras", "models"),
        ("os", "system"),
        ("keras.src.utils.file_utils", "get_file"),
        (None, "__lambda__"),
        ("keras.src.layers.nothing", "Dense"),
    ],
)
def test_names_that_are_no_layers_are_refused(module, name, saved, tmp_path: Path) -> None:
    with zipfile.ZipFile(saved("attention")) as archive:
        parts = {part: archive.read(part) for part in archive.namelist()}
    config = json.loads(parts["config.json"])
    config["config"]["layers"][1]["config"]["activation"] = {
        "module": module,
        "class_name": name,
        "config": "touch",
        "registered_name": name,
    }
    with zipfile.ZipFile(tmp_path / "bad.keras", "w") as archive:
        for part, content in (parts | {"config.json": json.dumps(config).encode()}).items():
            archive.writestr(part, content)
    with pytest.raises(BackboneError, match="could run code"):
        _own(tmp_path / "bad.keras")


def test_a_loss_of_the_users_own_does_no_harm(saved, tmp_path: Path) -> None:
    model = keras.saving.load_model(saved("attention"))
    model.compile(loss=lambda truth, said: said)
    model.save(tmp_path / "m.keras")
    assert _own(tmp_path / "m.keras").fingerprint == _own(saved("attention")).fingerprint


def test_files_of_other_kinds_are_refused(tmp_path: Path) -> None:
    (tmp_path / "no.keras").write_text("no model")
    with pytest.raises(BackboneError, match="no model that Keras 3 can load") as refusal:
        _own(tmp_path / "no.keras")
    assert refusal.value.code == "no_model"
    (tmp_path / "w.pth").write_text("no model")
    with pytest.raises(BackboneError, match="no file that the source keras reads"):
        _own(tmp_path / "w.pth", "resnet50")
    (tmp_path / "w.h5").write_text("no weights")
    with pytest.raises(BackboneError, match="are not those of MobileNetV2"):
        _own(tmp_path / "w.h5", "mobilenetv2")


def _two_inputs() -> Any:
    inputs = [keras.Input((SIDE, SIDE, 3)), keras.Input((SIDE, SIDE, 3))]
    return keras.Model(inputs, keras.layers.Add()(inputs))


def _grey() -> Any:
    images = keras.Input((SIDE, SIDE, 1))
    return keras.Model(images, keras.layers.GlobalAveragePooling2D()(images))


def _first() -> Any:
    images = keras.Input((3, SIDE, 3))
    return keras.Model(images, keras.layers.MaxPooling2D(data_format="channels_first")(images))


def _tokens() -> Any:
    images = keras.Input((SIDE, SIDE, 3))
    return keras.Model(images, keras.layers.Reshape((SIDE * SIDE, 3))(images))


def _unbuilt() -> Any:
    return keras.Sequential([keras.layers.Flatten()])


@pytest.mark.parametrize(
    ("build", "said"),
    [
        (_two_inputs, "has 2 inputs"),
        (_grey, "not \\(height, width, 3\\)"),
        (_first, "channels of images first"),
        (_tokens, "not a vector or maps"),
        (_unbuilt, "no functional or sequential model"),
    ],
)
def test_models_of_other_kinds_are_refused(build, said: str) -> None:
    with pytest.raises(BackboneError, match=said) as refusal:
        backbone_of("keras:x", Framed(build(), UNIT))
    assert refusal.value.remedy


def test_unknown_names_suggest_known_ones() -> None:
    with pytest.raises(BackboneError, match="keras:resnet50"):
        resolve("keras:resnet5O")


def test_without_a_network_an_error_comes_soon(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr("keras.src.backend.config._KERAS_DIR", str(tmp_path))
    monkeypatch.setattr("topwork.backbones.sources.hub.PATIENCE", 0.2)
    before, start = socket.getdefaulttimeout(), time.monotonic()
    with pytest.raises(BackboneError, match="could not be loaded") as refusal:
        resolve("keras:mobilenetv3small")
    assert time.monotonic() - start < 8
    assert refusal.value.code == "weights_unreachable"
    assert "packaged:efficientnet_lite0" in refusal.value.remedy
    assert socket.getdefaulttimeout() == before


def test_presets_need_kerashub(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "keras_hub", None)
    with pytest.raises(BackboneError, match="pip install keras-hub") as refusal:
        resolve("keras:hub/resnet_18_imagenet")
    assert refusal.value.code == "missing_extra"


class _Presets:
    """What KerasHub gives, on a preset that is a model of ours."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    def from_preset(self, name: str) -> Any:
        if name != "mine":
            raise ValueError(name)
        return self._answer


def test_presets_bring_their_own_preprocessing(monkeypatch) -> None:
    converter = SimpleNamespace(image_size=(SIDE, SIDE), scale=1 / 127.5, offset=[-1, -1, -1])
    hub = SimpleNamespace(
        models=SimpleNamespace(Backbone=_Presets(_maps())),
        layers=SimpleNamespace(ImageConverter=_Presets(converter)),
    )
    monkeypatch.setitem(sys.modules, "keras_hub", hub)
    monkeypatch.setattr("topwork.backbones.sources.hub.PATIENCE", 0.2)
    backbone = resolve("keras:hub/mine")
    np.testing.assert_allclose((backbone.input.mean, backbone.input.std), 0.5)
    assert backbone.load().width == 48
    with pytest.raises(BackboneError, match="'other' of KerasHub could not be loaded") as refusal:
        resolve("keras:hub/other")
    assert refusal.value.code == "weights_unreachable"


def test_another_backend_is_refused(monkeypatch, saved) -> None:
    monkeypatch.setattr(keras.config, "backend", lambda: "jax")
    with pytest.raises(BackboneError, match="KERAS_BACKEND=torch") as refusal:
        _own(saved("attention"))
    assert refusal.value.code == "keras_backend"


def test_the_environment_and_the_home_folder_stay_as_they_are(saved, tmp_path: Path) -> None:
    code = (
        "import os, sys\n"
        "before = dict(os.environ)\n"
        "from topwork.backbones import resolve\n"
        f"resolve('keras:mine@{saved('attention')}')\n"
        "assert dict(os.environ) == before\n"
        "assert sys.modules['keras'].config.backend() == 'torch'\n"
    )
    home = {"HOME": str(tmp_path), "KERAS_BACKEND": "tensorflow"}
    subprocess.run([sys.executable, "-c", code], env=os.environ | home, check=True)
    assert not (tmp_path / ".keras").exists()


def test_the_missing_package_is_named(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "keras", None)
    with pytest.raises(BackboneError, match=r"pip install .*\[keras\]") as refusal:
        resolve("keras:resnet50")
    assert refusal.value.code == "missing_extra"


def test_from_a_file_to_predictions_without_keras(saved, drawn, tmp_path: Path) -> None:
    out = tmp_path / "m.topwork"
    arguments = [str(drawn), "--backbone", f"keras:mine@{saved('cnn')}", "--out", str(out)]
    assert run(["fit", *arguments, "--quiet", "--no-baselines"]) == 0
    assert str(saved("cnn")) not in (out / "model.json").read_text()
    picture = next(drawn.rglob("*.png"))
    code = (
        "import sys, topwork as tw\n"
        f"label = tw.load({str(out)!r}).predict([{str(picture)!r}])[0]\n"
        "assert not {'torch', 'keras'} & set(sys.modules)\n"
        "print(label)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == load(out, engine="torch").predict([picture])[0]


def test_standard_output_is_left_to_the_caller(capsys) -> None:
    """Keras prints there that it downloads, in the middle of what should be one JSON object."""
    with on_processor():
        print("Downloading data")
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "Downloading data\n")
