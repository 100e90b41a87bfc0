"""What a network's cuts are for: training what lies behind one, and running what lies before."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from topwork.backbones import POOLED, Backbone, InputSpec, Network, resolve
from topwork.backbones.cuts import find_cuts
from topwork.backbones.engines import OpenVINOEngine, TorchEngine, graph_of, open_engine
from topwork.backbones.engines.engine import probe_images, relative_difference
from topwork.backbones.sources.timm import build, network
from topwork.errors import BackboneError

SPEC = InputSpec(64, 64, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
CUT = "blocks.5"


@pytest.fixture(scope="module")
def lite() -> Backbone:
    torch.manual_seed(0)
    net = network(build("tf_efficientnet_lite0", n_classes=10), SPEC)
    return Backbone("timm:tf_efficientnet_lite0", "random-lite0-64", SPEC, lambda: net)


@pytest.fixture(scope="module")
def vit():
    torch.manual_seed(0)
    model = build("vit_tiny_patch16_224", n_classes=10)
    return network(model, InputSpec(224, 224, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5)))


def test_the_packaged_backbone_is_cut_where_its_stages_end() -> None:
    net = resolve("packaged:efficientnet_lite0").load()
    assert net.cuts == (*(f"blocks.{i}" for i in range(7)), POOLED)
    assert net.shapes[CUT] == (192, 7, 7)


def test_the_pooled_cut_is_had_without_tracing(monkeypatch) -> None:
    monkeypatch.setattr("topwork.backbones.cuts.find_cuts", None)
    net = network(build("resnet10t", n_classes=10), SPEC)
    assert net.shapes[POOLED] == (512,)
    assert POOLED in net.before
    assert isinstance(net.to_pooled[POOLED], nn.Identity)


def test_an_unknown_cut_names_the_known_ones(lite) -> None:
    net = lite.load()
    for ask in (lambda: net.before["blocks.77"], lambda: net.features_at(("blocks.77", POOLED))):
        with pytest.raises(BackboneError, match=r"blocks.5, blocks.6, pooled") as refusal:
            ask()
        assert refusal.value.code == "no_such_cut"
    with pytest.raises(BackboneError, match="one of its cuts: pooled"):
        _ = resolve("pixels").load().before["layer3"]


def test_a_stage_is_found_under_its_own_name_too() -> None:
    net = network(build("resnet18", n_classes=0), SPEC)
    assert "layer3.1" in net.cuts
    assert net.shapes["layer3"] == net.shapes["layer3.1"] == (256, 4, 4)


def test_what_lies_behind_a_cut_can_be_trained_without_what_lies_before(lite) -> None:
    net = lite.load()
    tuned = copy.deepcopy(net.to_pooled[CUT]).train()
    features = net.before[CUT](torch.rand(4, 3, 64, 64)).detach()
    frozen = {name: value.clone() for name, value in net.module.state_dict().items()}
    optimiser = torch.optim.SGD(tuned.parameters(), lr=0.1)
    tuned(features).square().mean().backward()
    optimiser.step()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in tuned.parameters())
    assert all(p.grad is None for p in net.module.parameters())
    assert all(torch.equal(frozen[k], v) for k, v in net.module.state_dict().items())
    norm = tuned.get_submodule("blocks.6.0.bn1")
    assert isinstance(norm, nn.BatchNorm2d)
    assert norm.training
    assert norm.num_batches_tracked == 1


def test_the_two_halves_share_no_tensor_and_keep_their_names(lite) -> None:
    net = lite.load()
    before, behind = net.before[CUT].state_dict(), net.to_pooled[CUT].state_dict()
    assert not set(before) & set(behind)
    classifier = {"classifier.weight", "classifier.bias"}
    assert set(before) | set(behind) | classifier == set(net.module.state_dict())


def test_linear_layers_behind_a_cut_can_be_exchanged(vit) -> None:
    """What adapters such as LoRA do: they replace linear layers in place, by name."""
    tuned = copy.deepcopy(vit.to_pooled["blocks.10"])
    names = [n for n, m in tuned.named_modules() if isinstance(m, nn.Linear)]
    assert "blocks.11.attn.qkv" in names
    features = torch.rand(2, *vit.shapes["blocks.10"])
    plain = tuned(features)
    attention = tuned.get_submodule("blocks.11.attn")
    attention.qkv = nn.Sequential(attention.qkv, nn.Dropout(0.5))
    torch.testing.assert_close(tuned.eval()(features), plain)
    assert not torch.allclose(tuned.train()(features), plain)


def test_batches_of_any_size_pass(vit) -> None:
    for b in (1, 5):
        features = torch.rand(b, *vit.shapes["blocks.5"])
        assert vit.to_pooled["blocks.5"](features).shape == (b, 192)


def test_compiled_graph_of_a_cut_answers_like_torch(lite, tmp_path) -> None:
    graph = graph_of(lite, cut=CUT, folder=tmp_path)
    assert graph.faithful
    assert graph.shape == lite.load().shapes[CUT]
    images = probe_images(64, 64, n=5)
    ((_, (ours,)),) = OpenVINOEngine(graph.xml).run([("tag", images)])
    ((_, (theirs,)),) = TorchEngine(lite, cut=CUT, precision="float32").run([("tag", images)])
    assert relative_difference(ours, theirs) < 1e-3


@pytest.mark.parametrize("name", ["openvino", "torch"])
def test_several_cuts_in_one_pass(lite, tmp_path, name) -> None:
    also = (CUT, "blocks.2")
    engine, graph = open_engine(
        lite, cut=POOLED, also=also, name=name, precision="float32", graphs=tmp_path
    )
    net, images = lite.load(), probe_images(64, 64, n=3)
    assert graph.faithful
    assert graph.shapes == tuple(net.shapes[cut] for cut in (POOLED, *also))
    ((_, outputs),) = engine.run([("tag", images)])
    for cut, output in zip((POOLED, *also), outputs, strict=True):
        ((_, (alone,)),) = TorchEngine(lite, cut=cut, precision="float32").run([("t", images)])
        assert relative_difference(output, alone) < 1e-3


class _Pooling(nn.Module):
    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.model(images)


class _Looking(nn.Module):
    """Its path depends on what it sees, so that it can't be traced."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Conv2d(3, 4, 1)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return (self.layer(images) if images.mean() > 0 else images).mean((2, 3))


class _Dense(nn.Module):
    """Every layer sees all before it, so that more than one tensor is alive between any two."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Sequential(nn.Conv2d(3, 3, 1)) for _ in range(4))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        seen = [images]
        for layer in self.layers:
            seen.append(layer(seen[-1]))
        return torch.cat(seen, 1).mean((2, 3))


@pytest.mark.parametrize("model", [_Looking, _Dense])
def test_a_network_that_cannot_be_cut_keeps_its_pooled_cut(model) -> None:
    found = find_cuts(_Pooling(model()).eval(), (3, 8, 8))
    assert found is None or found.names == ()


def test_sizes_are_computed_again_behind_a_cut() -> None:
    class Sized(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.stages = nn.Sequential(*[nn.Sequential(nn.Conv2d(3, 3, 1)) for _ in range(5)])
            self.norm = nn.LayerNorm(3)

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            b, c, h, w = images.shape
            scale = images.new_ones((h, w)).cumsum(0) / h
            maps = self.stages(images) * scale
            return self.norm(maps.reshape(b, c, h * w).mean(2))

    pooling = _Pooling(Sized()).eval()
    found = find_cuts(pooling, (3, 8, 8))
    assert found is not None
    assert len(found.names) >= 4
    images = torch.rand(7, 3, 8, 8)
    for name in found.names:
        cut = found.cut(name)
        torch.testing.assert_close(cut.to_pooled(cut.before(images)), pooling(images))


def test_a_network_that_cannot_be_compiled_says_so() -> None:
    class Spectrum(nn.Module):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            return torch.linalg.eigvalsh(images.mean(1))

    module = Spectrum().eval()
    net = Network(module, module, module, nn.Identity(), width=8)
    spec = InputSpec(8, 8, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
    with pytest.raises(BackboneError, match="cannot be compiled") as refusal:
        graph_of(Backbone("own", "own", spec, lambda: net), cut=POOLED, folder=None)
    assert refusal.value.code == "no_graph"
