"""Names and files that users write, and what each leads to."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from tests.backbones.contract import check_trained_apart
from topwork.backbones import POOLED, SOURCES, resolve
from topwork.backbones.sources.timm import build
from topwork.errors import BackboneError


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return build("resnet10t", n_classes=4)


def _same(name: str, network) -> None:
    loaded = resolve(name).load()
    images = torch.rand(2, 3, 64, 64)
    with torch.inference_mode():
        torch.testing.assert_close(loaded.full(images), network(images))


CONTRACTS = {
    "packaged": "backbones/test_contract.py",
    "pixels": "backbones/test_contract.py",
    "timm": "backbones/test_contract.py",
    "random": "backbones/test_contract.py",
    "transformers": "backbones/test_transformers.py",
    "keras": "backbones/test_keras.py",
    "savedmodel": "backbones/test_savedmodel.py",
    "model2vec": "backbones/test_model2vec.py",
    "tfidf": "trials/test_words.py",
    "own": "unsupervised/pretraining/test_pretrain.py",
}
"""Where each source's networks are held to what a backbone promises."""


def test_every_source_has_a_contract() -> None:
    """A new source fails here until its networks are tested."""
    assert set(CONTRACTS) == {source.name for source in SOURCES}
    for source, file in CONTRACTS.items():
        assert source in (Path(__file__).parents[1] / file).read_text("utf-8"), file


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_every_source_finds_its_own_names_and_no_others(source) -> None:
    offline = {"packaged", "pixels", "random"}
    for name in source.names()[:3] if source.name in offline else ():
        found = source.find(name, None)
        assert found is not None
        assert found.name in (name, f"{source.name}:{name}")
        assert source.find(name, None).fingerprint == found.fingerprint
    assert offline <= {s.name for s in SOURCES if s.names()}
    if source.name in {*offline, "tfidf", "timm"}:
        assert source.find("no_such_network", None) is None


def test_bare_names_are_looked_up_in_the_catalogue_first() -> None:
    assert resolve("efficientnet_lite0").name == "packaged:efficientnet_lite0"
    assert resolve("pixels").name == "pixels"


@pytest.mark.parametrize("ending", ["safetensors", "pth"])
def test_local_weights(network, tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"w.{ending}"
    tensors = {k: v.clone() for k, v in network.state_dict().items()}
    save_file(tensors, file) if ending == "safetensors" else torch.save(tensors, file)
    _same(f"timm:resnet10t@{file}", network)
    _same(f"resnet10t@{file}", network)
    first, second = resolve(f"resnet10t@{file}"), resolve(f"resnet10t@{file}")
    assert first.fingerprint == second.fingerprint
    check_trained_apart(first)


def test_a_nested_checkpoint_of_tensors(network, tmp_path: Path) -> None:
    torch.save({"state_dict": network.state_dict()}, tmp_path / "c.pth")
    _same(f"timm:resnet10t@{tmp_path / 'c.pth'}", network)


def test_pickled_objects_are_refused(network, tmp_path: Path) -> None:
    torch.save(network, tmp_path / "whole.pth")
    with pytest.raises(BackboneError, match="plain tensors"):
        resolve(f"timm:resnet10t@{tmp_path / 'whole.pth'}")


class _Malicious:
    """What runs code when a pickle of it is loaded."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return (Path.touch, (self.path,))


@pytest.mark.parametrize("nested", [True, False])
def test_a_pickle_that_runs_code_is_refused(network, tmp_path: Path, nested: bool) -> None:
    bad, ran = _Malicious(tmp_path / "ran"), tmp_path / "ran"
    torch.save(
        {"state_dict": network.state_dict(), "hook": bad} if nested else bad, tmp_path / "m.pth"
    )
    with pytest.raises(BackboneError, match="plain tensors") as refusal:
        resolve(f"timm:resnet10t@{tmp_path / 'm.pth'}")
    assert "safetensors" in refusal.value.remedy
    assert not ran.exists()


def test_weights_of_another_network_are_refused(network, tmp_path: Path) -> None:
    file = tmp_path / "w.safetensors"
    save_file({k: v.clone() for k, v in network.state_dict().items()}, file)
    with pytest.raises(BackboneError, match="not those of this network"):
        resolve(f"timm:resnet18@{file}")


def test_unknown_names_suggest_known_ones() -> None:
    with pytest.raises(BackboneError, match="packaged:efficientnet_lite0"):
        resolve("efficientnet_light0")
    with pytest.raises(BackboneError, match="no source of backbones called 'kera'"):
        resolve("kera:ResNet50")
    with pytest.raises(BackboneError, match="do not exist"):
        resolve("timm:resnet10t@/no/file")


@pytest.mark.filterwarnings("ignore")
def test_without_a_network_the_packaged_ones_are_named(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(BackboneError, match="Without a network use a packaged") as refusal:
        resolve("timm:resnet10t")
    assert refusal.value.code == "weights_unreachable"


def test_another_input_size_is_another_backbone_with_the_same_weights() -> None:
    plain, small = resolve("efficientnet_lite0"), resolve("packaged:efficientnet_lite0/64")
    assert small.name == "packaged:efficientnet_lite0/64"
    assert (small.input.height, small.input.width) == (64, 64)
    assert small.input.mean == plain.input.mean
    assert small.fingerprint != plain.fingerprint
    assert small.licence == plain.licence == "Apache-2.0"
    network = small.load()
    assert network.width == plain.load().width
    assert network.cuts == plain.load().cuts
    early = network.cuts[0]
    with torch.inference_mode():
        features = network.before[POOLED](torch.rand(2, 3, 64, 64))
        half = network.before[early](torch.rand(2, 3, 64, 64))
    assert tuple(features.shape[1:]) == network.shapes[POOLED]
    assert tuple(half.shape[1:]) == network.shapes[early]
    assert network.shapes[early][-1] == 32


def test_the_size_it_has_changes_nothing() -> None:
    assert resolve("efficientnet_lite0/224") == resolve("efficientnet_lite0")


def test_local_weights_at_another_size(network, tmp_path: Path) -> None:
    file = tmp_path / "w.safetensors"
    save_file(dict(network.state_dict()), file)
    assert resolve(f"resnet10t/96@{file}").input.height == 96


@pytest.mark.parametrize("size", ["31", "1025"])
def test_sizes_out_of_range_are_refused(size: str) -> None:
    with pytest.raises(BackboneError, match="out of range") as refusal:
        resolve(f"efficientnet_lite0/{size}")
    assert "between 32 and 1024" in refusal.value.remedy


@pytest.mark.parametrize("name", ["pixels/32", "random:vit_tiny_patch16_224/96"])
def test_networks_of_one_size_say_so(name: str) -> None:
    with pytest.raises(BackboneError, match="only takes images of the size"):
        resolve(name).load()


def test_random_weights_are_the_same_everywhere() -> None:
    one, other = (resolve("random:efficientnet_lite0").load() for _ in range(2))
    images = torch.rand(2, 3, 224, 224, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        features = one.before[POOLED](images)
        torch.testing.assert_close(features, other.before[POOLED](images))
    assert features.std() > 0
