"""What every backbone promises about its cuts and its engines, as checks of one network."""

from __future__ import annotations

from pathlib import Path

import torch

from topwork.backbones import POOLED, Backbone, InputSpec, Network, resolve
from topwork.backbones.engines import OpenVINOEngine, TorchEngine, graph_of
from topwork.backbones.engines.engine import probe_images, relative_difference
from topwork.backbones.sources.concatenated import beside
from topwork.backbones.with_weights import with_weights

RELATIVE = 1e-4


def check_network(net: Network, spec: InputSpec, *, everything: bool) -> None:
    """``after(before(x)) == full(x)``, declared shapes, and items that don't see each other."""
    assert net.cuts[-1] == POOLED
    generator = torch.Generator().manual_seed(1)
    images = torch.rand(3, 3, spec.height, spec.width, generator=generator)
    with torch.inference_mode():
        full = net.full(images)
        others = _all_features(net, images[[2, 0]])
        for cut in _some(net.cuts, everything=everything):
            features = net.before[cut](images)
            assert tuple(features.shape[1:]) == tuple(net.shapes[cut])
            assert torch.isfinite(features).all()
            assert _difference(others[cut], features[[2, 0]]) < RELATIVE
            kept = features.clone()
            assert _difference(net.after[cut](features), full) < RELATIVE
            assert torch.equal(features, kept)
            assert not net.before[cut].training
            assert not net.after[cut].training
            assert not net.to_pooled[cut].training


def compare_engines(backbone: Backbone, xml: Path) -> None:
    """The compiled graph gives what torch gives."""
    images = probe_images(backbone.input.height, backbone.input.width, n=5)
    ((_, (ours,)),) = OpenVINOEngine(xml).run([("tag", images)])
    ((_, (theirs,)),) = TorchEngine(backbone, cut=POOLED).run([("tag", images)])
    assert relative_difference(ours, theirs) < 1e-3


def check_trained_apart(backbone: Backbone) -> None:
    """Trained tensors go into a network of their own, not into that which they started from."""
    net = backbone.load()
    name, start = next((n, t) for n, t in net.module.named_parameters() if t.ndim > 1)
    before = start.detach().clone()
    trained = with_weights(backbone, {name: before + 1}).load()
    assert torch.equal(dict(trained.module.named_parameters())[name], before + 1)
    assert torch.equal(start, before)
    assert torch.equal(dict(backbone.load().module.named_parameters())[name], before)


def compare_rebuilt(backbone: Backbone, again: Backbone) -> None:
    """A network that was built from what lies beside its tensors gives what the first one gives."""
    images = probe_images(backbone.input.height, backbone.input.width, n=2)
    ((_, (ours,)),) = TorchEngine(again, cut=POOLED).run([("tag", images)])
    ((_, (theirs,)),) = TorchEngine(backbone, cut=POOLED).run([("tag", images)])
    assert relative_difference(ours, theirs) < 1e-6


def check_beside_another(backbone: Backbone, folder: Path) -> None:
    """Beside another network, too, it is built from the tensors of both."""
    both = beside(resolve("random:lcnet_035/64"), backbone)
    graph = graph_of(both, cut=POOLED, folder=folder)
    compare_rebuilt(both, resolve(f"{both.name}@{graph.weights}"))


def _some(cuts: tuple[str, ...], *, everything: bool) -> tuple[str, ...]:
    """All cuts, or the earliest, one in the middle and the pooled one: each takes its passes."""
    return cuts if everything else tuple(dict.fromkeys((cuts[0], cuts[len(cuts) // 2], cuts[-1])))


def _all_features(net: Network, images: torch.Tensor) -> dict[str, torch.Tensor]:
    answer = net.features_at(net.cuts)(images)
    return dict(zip(net.cuts, answer if isinstance(answer, tuple) else (answer,), strict=True))


def _difference(a: torch.Tensor, b: torch.Tensor) -> float:
    return relative_difference(a.numpy(), b.numpy())
