"""Names and files that users write, and what each leads to."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

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


def test_every_source_finds_each_of_its_own_small_names() -> None:
    assert {s.name for s in SOURCES} == {"packaged", "pixels", "timm", "random"}
    for source in SOURCES:
        assert source.names()


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


def test_a_nested_checkpoint_of_tensors(network, tmp_path: Path) -> None:
    torch.save({"state_dict": network.state_dict()}, tmp_path / "c.pth")
    _same(f"timm:resnet10t@{tmp_path / 'c.pth'}", network)


def test_pickled_objects_are_refused(network, tmp_path: Path) -> None:
    torch.save(network, tmp_path / "whole.pth")
    with pytest.raises(BackboneError, match="plain tensors"):
        resolve(f"timm:resnet10t@{tmp_path / 'whole.pth'}")


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
    with pytest.raises(BackboneError, match="does not exist"):
        resolve("timm:resnet10t@/no/file")


@pytest.mark.filterwarnings("ignore")
def test_without_a_network_the_packaged_ones_are_named(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(BackboneError, match="Without a network use a packaged") as refusal:
        resolve("timm:resnet10t")
    assert refusal.value.code == "weights_unreachable"


def test_random_weights_are_the_same_everywhere() -> None:
    one, other = (resolve("random:efficientnet_lite0").load() for _ in range(2))
    images = torch.rand(2, 3, 224, 224, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        features = one.before[POOLED](images)
        torch.testing.assert_close(features, other.before[POOLED](images))
    assert features.std() > 0
