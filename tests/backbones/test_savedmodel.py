"""Source ``savedmodel``: graphs that others saved, read without the library that saved them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper

import topwork as tw
from tests.backbones.contract import check_network, compare_engines
from tests.backbones.graph_files import HEAD, expected, write, write_plain
from topwork.backbones import POOLED, Backbone, resolve
from topwork.backbones.engines import OpenVINOEngine, graph_of
from topwork.backbones.sources.savedmodel import PixelRangeWarning
from topwork.cli.app import run
from topwork.errors import BackboneError

IMAGES = np.random.default_rng(2).integers(0, 256, (3, 32, 32, 3), np.uint8)


def features(backbone: Backbone, images: np.ndarray = IMAGES) -> np.ndarray:
    graph = graph_of(backbone, cut=POOLED, folder=None)
    ((_, (found,)),) = OpenVINOEngine(graph.xml).run([(0, images)])
    return found


def close(found: np.ndarray, wanted: np.ndarray) -> bool:
    return bool(np.abs(found - wanted).max() <= 1e-5 * np.abs(wanted).max())


@pytest.mark.parametrize(
    ("told", "low", "high"), [("0..1", 0, 1), ("0..255", 0, 255), ("-1..1", -1, 1)]
)
@pytest.mark.parametrize("shape", [("n", 3, 32, 32), ("n", 32, 32, 3)])
def test_features_are_those_of_the_graph(told, low, high, shape, tmp_path) -> None:
    file = write(tmp_path / "a.onnx", shape=shape)
    found = features(resolve(f"savedmodel:mine/{told}@{file}"))
    assert close(found, expected(IMAGES, low=low, high=high))


@pytest.mark.parametrize("shape", [("n", 3, "h", "w"), ("n", "h", "w", 3)])
def test_open_sizes_are_224_or_what_is_asked_for(shape, tmp_path) -> None:
    file = write(tmp_path / "a.onnx", shape=shape)
    assert resolve(f"savedmodel:mine/0..1@{file}").input.size == (224, 224)
    small = resolve(f"savedmodel:mine/0..1/32@{file}")
    assert close(features(small), expected(IMAGES, low=0, high=1))


def test_which_output_is_taken(tmp_path) -> None:
    wanted = expected(IMAGES, low=0, high=1)
    for outputs, found in (
        (("logits", "features"), wanted),
        (("features", "logits", "maps"), wanted),
        (("maps",), wanted),
        (("maps", "logits"), wanted @ HEAD),
    ):
        file = write(tmp_path / "a.onnx", outputs=outputs)
        assert close(features(resolve(f"savedmodel:mine/0..1@{file}")), found), outputs


def test_the_range_is_said_where_it_is_not_known(tmp_path) -> None:
    with pytest.warns(PixelRangeWarning, match=r"savedmodel:mine/0\.\.255@a\.onnx"):
        guessed = resolve(f"savedmodel:mine@{write(tmp_path / 'a.onnx')}")
    told = resolve(f"savedmodel:mine/0..1@{tmp_path / 'a.onnx'}")
    assert guessed.fingerprint == told.fingerprint


def test_a_graph_that_scales_pixels_itself_gets_bytes(tmp_path) -> None:
    wanted = expected(IMAGES, low=0, high=1)
    for kind in (TensorProto.FLOAT, TensorProto.UINT8):
        file = write(tmp_path / "a.onnx", scale=255.0, kind=kind)
        assert close(features(resolve(f"savedmodel:mine@{file}")), wanted)


def test_bytes_and_range_are_the_fingerprint(tmp_path) -> None:
    one = write(tmp_path / "a.onnx")
    same = write(tmp_path / "b.onnx")
    other = write(tmp_path / "c.onnx", scale=2.0)
    names = [f"x/0..1@{one}", f"y/0..1@{same}", f"x/0..255@{one}", f"x/0..1@{other}"]
    first, again, bright, changed = (resolve(f"savedmodel:{n}").fingerprint for n in names)
    assert first == again
    assert len({first, bright, changed}) == 3


def test_a_file_that_changes_meanwhile_is_refused(tmp_path) -> None:
    backbone = resolve(f"savedmodel:mine/0..1@{write(tmp_path / 'a.onnx')}")
    write(tmp_path / "a.onnx", scale=2.0)
    with pytest.raises(BackboneError, match="was changed while it was used"):
        graph_of(backbone, cut=POOLED, folder=None)


def test_it_is_a_network_of_torch_too(tmp_path) -> None:
    backbone = resolve(f"savedmodel:mine/-1..1@{write(tmp_path / 'a.onnx')}")
    network = backbone.load()
    check_network(network, backbone.images, everything=True)
    graph = graph_of(backbone, cut=POOLED, folder=tmp_path / "graphs")
    compare_engines(backbone, graph.xml)
    tensors = network.module.state_dict()
    assert [tuple(t.shape) for t in tensors.values()] == [((tmp_path / "a.onnx").stat().st_size,)]
    assert all(t.dtype == torch.uint8 for t in tensors.values())


def test_it_is_found_again_in_a_bundle(tmp_path) -> None:
    backbone = resolve(f"savedmodel:mine/-1..1@{write(tmp_path / 'a.onnx')}")
    graph = graph_of(backbone, cut=POOLED, folder=tmp_path / "graphs")
    again = resolve(f"savedmodel:mine/-1..1@{graph.weights}")
    assert (again.fingerprint, again.input) == (backbone.fingerprint, backbone.input)
    assert np.array_equal(features(again), features(backbone))


@pytest.mark.parametrize("name", ["../out.onnx", "/tmp/out.onnx", "a/../../b.onnx", "", 3])
def test_files_in_a_hostile_bundle_stay_below_their_folder(name: Any, tmp_path) -> None:
    from safetensors.numpy import save_file

    given = {"height": 32, "width": 32, "mean": [0, 0, 0], "std": [1, 1, 1]}
    recipe = json.dumps({"facts": {"files": [name], "range": "0..1"}, "input": given})
    file = tmp_path / "weights.safetensors"
    save_file({"file_0": np.zeros(3, np.uint8)}, file, metadata={"savedmodel": recipe})
    with pytest.raises(BackboneError, match="doesn't hold the files of its network"):
        resolve(f"savedmodel:mine@{file}")


BAD = {
    "several inputs": "has 2 inputs",
    "strings": "takes strings",
    "grey": "not colour images",
    "a vector": "not colour images",
    "no features": "neither a vector per image nor maps",
    "fixed batch": "a fixed number of images at once",
    "an unknown operation": "cannot convert mine.Odd in a.onnx",
    "no graph": "OpenVINO cannot read a.onnx",
}


def _bad(kind: str, file: Path) -> None:
    if kind == "strings":
        write_plain(file, ("n",), TensorProto.STRING)
    elif kind == "several inputs":
        model = onnx.load(write(file))
        model.graph.input.append(helper.make_tensor_value_info("z", TensorProto.FLOAT, ["n", 4]))
        model.graph.node.append(helper.make_node("Add", ["logits", "z"], ["sum"]))
        model.graph.output.append(helper.make_tensor_value_info("sum", TensorProto.FLOAT, ["n", 4]))
        onnx.save(model, file)
    elif kind == "grey":
        write_plain(file, ("n", 1, 32, 32))
    elif kind == "a vector":
        write_plain(file, ("n", 3))
    elif kind == "no features":
        whole = helper.make_node("ReduceMean", ["logits"], ["one"], keepdims=0)
        write(file, outputs=("one",), more=(whole,))
    elif kind == "fixed batch":
        flat = helper.make_node("Reshape", ["logits", "places"], ["flat"])
        write(file, outputs=("flat",), more=(flat,))
    elif kind == "an unknown operation":
        odd = helper.make_node("Odd", ["features"], ["odd"], domain="mine")
        write(file, outputs=("odd",), more=(odd,))
    else:
        file.write_bytes(b"nothing")


@pytest.mark.parametrize("kind", BAD)
def test_what_is_no_backbone_is_refused_with_a_sentence(kind, tmp_path) -> None:
    _bad(kind, tmp_path / "a.onnx")
    with pytest.raises(BackboneError, match=BAD[kind]) as caught:
        features(resolve(f"savedmodel:mine/0..1@{tmp_path / 'a.onnx'}"))
    assert caught.value.remedy
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("mine", "names no folder"),
        ("mine@{}/nothing", "do not exist"),
        ("mine@{}", "it has no saved_model.pb"),
        ("mine@{}/a.txt", "no graph that the source savedmodel reads"),
        ("mine/0..2@{}/a.onnx", "no range '0..2'"),
        ("mine/192/0..1@{}/a.onnx", "the input size stands before the range"),
    ],
)
def test_names_that_lead_nowhere(name, said, tmp_path) -> None:
    write(tmp_path / "a.onnx")
    (tmp_path / "a.txt").write_text("nothing")
    with pytest.raises(BackboneError, match=said):
        resolve(f"savedmodel:{name.format(tmp_path)}")


def test_a_size_that_a_graph_cannot_take(tmp_path) -> None:
    flat = helper.make_node("Flatten", ["maps"], ["flat"])
    dense = helper.make_node("MatMul", ["flat", "wide"], ["out"])
    model = onnx.load(write(tmp_path / "a.onnx", outputs=("out",), more=(flat, dense)))
    wide = np.ones((8 * 15 * 15, 4), np.float32)
    model.graph.initializer.append(onnx.numpy_helper.from_array(wide, "wide"))
    onnx.save(model, tmp_path / "a.onnx")
    assert features(resolve(f"savedmodel:mine/0..1@{tmp_path / 'a.onnx'}")).shape == (3, 4)
    with pytest.raises(BackboneError, match="only takes images of the size it was made for"):
        graph_of(resolve(f"savedmodel:mine/0..1/64@{tmp_path / 'a.onnx'}"), cut=POOLED, folder=None)


def test_a_model_is_fitted_sealed_and_found_again(drawn, session_cache, tmp_path) -> None:
    """The bundle needs the file no more, and neither TensorFlow nor onnx."""
    file = write(tmp_path / "a.onnx")
    name = f"savedmodel:mine/-1..1@{file}"
    model = tw.ImageClassifier(name, n_folds=2, baselines=False).fit(drawn).model_
    model.save(tmp_path / "m")
    images = sorted(drawn.glob("*/*.png"))[:6]
    before = model.predict_proba(images)
    file.unlink()
    code = (
        "import sys, numpy as np, topwork as tw\n"
        "p = tw.load(sys.argv[1]).predict_proba(sys.argv[2:])\n"
        "assert not {'torch', 'tensorflow', 'onnx'} & set(sys.modules)\n"
        "print(np.asarray(p).tolist())"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "m"), *map(str, images)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert np.abs(np.array(json.loads(ran.stdout)) - before).max() < 1e-6


def test_an_export_to_onnx_is_a_backbone_again(drawn, session_cache, tmp_path) -> None:
    """Its own features come back."""
    model = tw.ImageClassifier("efficientnet_lite0/64", n_folds=2, baselines=False).fit(drawn)
    tw.export_model(model.model_, "onnx", tmp_path / "out")
    backbone = resolve(f"savedmodel:again@{tmp_path / 'out' / 'model.onnx'}")
    images = np.random.default_rng(3).integers(0, 256, (4, 64, 64, 3), np.uint8)
    assert close(features(backbone, images), features(resolve("efficientnet_lite0/64"), images))


@pytest.mark.filterwarnings("default::topwork.backbones.sources.savedmodel.PixelRangeWarning")
def test_by_the_command_line(drawn, session_cache, tmp_path, capsys) -> None:
    """The range is said once; the model predicts the same when the file is gone."""
    name = f"savedmodel:mine@{write(tmp_path / 'a.onnx')}"
    model, image = str(tmp_path / "m.topwork"), str(min(drawn.glob("*/*.png")))
    asked = ["fit", str(drawn), "--backbone", name, "--out", model, "--no-baselines", "--json"]
    assert run(asked) == 0
    assert "0..1 is taken, as TensorFlow Hub does" in capsys.readouterr().err
    before = tw.load(model).predict_proba([image])
    (tmp_path / "a.onnx").unlink()
    assert run(["predict", model, image, "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["predictions"]
    assert found["top"][0]["probability"] == pytest.approx(before.max())
    assert run(["rank", str(drawn), "--backbones", name, "--json"]) == 2
    assert "do not exist" in json.loads(capsys.readouterr().out)["error"]["message"]
