"""Graphs that are built straight from weights: as torch computes them, and without torch."""

from __future__ import annotations

import io
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from topwork.backbones import POOLED, resolve
from topwork.backbones.backbone import Backbone, BuildsGraph
from topwork.backbones.catalogue import PACKAGED
from topwork.backbones.engines.engine import probes
from topwork.backbones.engines.graph import graph_of
from topwork.backbones.engines.openvino import OpenVINOEngine
from topwork.backbones.engines.preprocess import behind_input
from topwork.backbones.inputs import TokenInput
from topwork.backbones.lite import lite_layers, read_checkpoint
from topwork.backbones.sources.embedding_bag import BagOfTokens
from topwork.errors import BackboneError

JOINED = [
    "efficientnet_lite0/128+efficientnet_lite1/96+mirrored",
    "efficientnet_lite0/64+pixels+depths+mirrored",
]
MINILM = "packaged:all-minilm-l6-v2"
TEXTS = [MINILM, f"{MINILM}/depths", f"{MINILM}/long"]
BUILT = [*(f"packaged:{entry.name}" for entry in PACKAGED), "pixels", *JOINED, *TEXTS]
SMALL = "packaged:efficientnet_lite0/64"


@pytest.mark.parametrize("name", [*BUILT, SMALL])
def test_features_are_those_of_torch(name: str, tmp_path: Path) -> None:
    backbone = resolve(name)
    assert isinstance(backbone.load, BuildsGraph)
    network = backbone.load()
    cuts = network.cuts if name == SMALL else network.cuts[-2:]
    graph = graph_of(backbone, cut=cuts[0], also=cuts[1:], folder=tmp_path)
    assert graph.shapes == tuple(network.shapes[cut] for cut in cuts)
    for batch in probes(backbone.input, n=3):
        engine = OpenVINOEngine(graph.xml, batch=len(batch))
        ((_, ours),) = engine.run([(0, batch)])
        with torch.inference_mode():
            module = behind_input(network.features_at(cuts), backbone.input)
            answer = module(torch.from_numpy(batch))
        theirs = answer if isinstance(answer, tuple) else (answer,)
        for cut, a, b in zip(cuts, ours, theirs, strict=True):
            scale = float(np.abs(b.numpy()).max())
            assert np.abs(a - b.numpy()).max() / scale < 1e-5, cut


@pytest.mark.parametrize("over", ["root", "sum", "length"])
def test_bags_of_tokens_are_those_of_torch(over: str, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    table = random.normal(size=(9, 4)).astype(np.float32)
    weights = random.uniform(size=9).astype(np.float32)
    table[0] = weights[0] = 0
    bag = BagOfTokens(table, weights, over, first=0, recipe={})
    backbone = Backbone("bag", f"bag-{over}", TokenInput("", 5, 8), bag)
    graph = graph_of(backbone, cut=POOLED, folder=tmp_path)
    tokens = np.array([[0, 3, 7, -1], [2, -1, -1, -1], [-1, -1, -1, -1]], np.int32)
    ((_, (ours,)),) = OpenVINOEngine(graph.xml, batch=3).run([(0, tokens)])
    with torch.inference_mode():
        theirs = bag().pooling(torch.from_numpy(tokens)).numpy()
    assert np.abs(ours - theirs).max() < 1e-6


@pytest.mark.parametrize("name", BUILT)
def test_tensors_beside_the_graph_are_those_of_torch(name: str, tmp_path: Path) -> None:
    """A saved model is opened with torch from this file."""
    from safetensors.torch import load_file

    backbone = resolve(name)
    graph = graph_of(backbone, cut=POOLED, folder=tmp_path)
    ours, theirs = load_file(graph.weights), backbone.load().module.state_dict()
    # networks at several depths are without their classifiers in torch
    assert {key for key in ours if "features.classifier" not in key} == set(theirs)
    trained = [name for name in theirs if not name.endswith("num_batches_tracked")]
    assert all(torch.equal(ours[name], theirs[name]) for name in trained)


def test_no_torch_is_imported(tmp_path: Path) -> None:
    script = """
import sys
from pathlib import Path
from topwork.backbones import resolve
from topwork.backbones.engines import open_engine
for name in ("efficientnet_lite0/64+pixels+depths+mirrored", "all-minilm-l6-v2/depths/long"):
    open_engine(resolve(name), cut="pooled", graphs=Path(sys.argv[1]))
print(sorted({"torch", "timm", "torchvision", "transformers"} & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_cuts_are_refused_that_are_none(tmp_path: Path) -> None:
    for name, cut in (("packaged:efficientnet_lite0", "blocks.9"), ("pixels", "blocks.1")):
        with pytest.raises(BackboneError) as raised:
            graph_of(resolve(name), cut=cut, folder=tmp_path)
        assert raised.value.code == "no_such_cut"


def _legacy(value: object, file: Path) -> Path:
    torch.save(value, file, _use_new_zipfile_serialization=False)
    return file


def test_a_legacy_checkpoint_is_read_as_torch_reads_it(tmp_path: Path) -> None:
    """Also where tensors share a storage, are parts of one, or lie otherwise in memory."""
    whole = torch.arange(24.0).reshape(4, 6)
    given = {
        "whole": whole,
        "transposed": whole.T,
        "part": whole[1:3, ::2],
        "number": torch.tensor(7),
        "channels": torch.randn(2, 3, 4, 5).to(memory_format=torch.channels_last),
    }
    read = read_checkpoint(_legacy(given, tmp_path / "a.pth"))
    assert list(read) == list(given)
    for name, tensor in given.items():
        assert np.array_equal(read[name], tensor.numpy()), name
        assert read[name].flags.c_contiguous


def test_nothing_in_a_checkpoint_runs(tmp_path: Path) -> None:
    ran = tmp_path / "ran"

    class Hostile:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return Path.touch, (ran,)  # type: ignore[return-value]

    file = _legacy({"a": torch.ones(2), "b": Hostile()}, tmp_path / "bad.pth")
    with pytest.raises(BackboneError):
        read_checkpoint(file)
    assert not ran.exists()


@pytest.mark.parametrize("damage", ["empty", "cut", "other", "beyond", "zip"])
def test_what_is_no_checkpoint_is_refused(tmp_path: Path, damage: str) -> None:
    file = _legacy({"a": torch.ones(64, 64)}, tmp_path / "a.pth")
    data = file.read_bytes()
    if damage == "zip":
        torch.save({"a": torch.ones(2)}, file)
    else:
        other = io.BytesIO()
        pickle.dump("hello", other)
        size = b"K@K@\x86"  # the shape, as a tuple of two numbers
        beyond = data.replace(size, b"K@K\x7f\x86", 1)
        assert beyond != data
        file.write_bytes(
            {"empty": b"", "cut": data[:-9], "other": other.getvalue(), "beyond": beyond}[damage]
        )
    with pytest.raises(BackboneError, match="plain tensors"):
        read_checkpoint(file)


def test_other_tensors_are_refused() -> None:
    with pytest.raises(BackboneError, match="EfficientNet-Lite"):
        lite_layers({"a": np.ones((3, 4)), "b": np.ones(3)})
