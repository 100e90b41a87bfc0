"""The contract of every backbone: what it promises about its cuts holds for real networks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.backbones.contract import check_network, compare_engines
from topwork.backbones import PACKAGED, POOLED, Backbone, InputSpec, Network, resolve
from topwork.backbones.engines import OpenVINOEngine, graph_of
from topwork.backbones.engines.engine import probe_images
from topwork.backbones.sources.timm import build, model_input, network

TIMM_FAMILIES = {
    "ResNet": ["resnet18", "resnet50", "resnet26d", "res2net50_14w_8s", "skresnet18"],
    "Inception": ["inception_v3", "inception_v4"],
    "MobileNet": ["mobilenetv2_100", "mobilenetv3_small_100", "mobilenetv4_conv_small"],
    "EfficientNet": ["efficientnet_b0", "tinynet_e", "mnasnet_small", "lcnet_035"],
    "ConvNeXt": ["convnext_atto", "convnextv2_atto"],
    "ViT": ["vit_tiny_patch16_224", "vit_small_patch16_dinov3", "deit_tiny_distilled_patch16_224"],
    "Swin": ["swin_tiny_patch4_window7_224"],
    "RegNet": ["regnetx_002", "regnety_002"],
    "Mixer": ["mixer_s32_224", "gmlp_ti16_224"],
    "XCiT": ["xcit_nano_12_p16_224"],
    "GhostNet": ["ghostnet_050"],
    "DLA": ["dla34"],
    "LeViT": ["levit_128s"],
    "MobileViT": ["mobilevit_xxs"],
    "RepVGG": ["repvgg_a0"],
    "PiT": ["pit_ti_224"],
    "NFNet": ["nf_resnet26"],
}
ARCHITECTURES = [name for family in TIMM_FAMILIES.values() for name in family]
PACKAGED_NAMES = [f"packaged:{entry.name}" for entry in PACKAGED]
SMALL_PACKAGED = [PACKAGED_NAMES[0], *(f"{name}/96" for name in PACKAGED_NAMES[1:])]
"""The first at its own size; what the others promise depends on layers, not on pixels."""
SMALL = {"inception_v3": 96, "inception_v4": 96}
WITHOUT_CUTS = {"pixels"}


def _random(name: str) -> tuple[Network, InputSpec]:
    """An untrained network of timm, for small pictures where it takes pictures of any size."""
    torch.manual_seed(0)
    model = build(name, n_classes=10)
    spec = model_input(model)
    if not model.default_cfg.get("fixed_input_size"):
        spec = replace(spec, height=SMALL.get(name, 64), width=SMALL.get(name, 64))
    return network(model, spec), spec


def _named(name: str) -> tuple[Network, InputSpec]:
    backbone = resolve(name)
    return backbone.load(), backbone.input


BUILDERS: list[tuple[str, Callable[[str], tuple[Network, InputSpec]]]] = [
    *((name, _named) for name in (*SMALL_PACKAGED, "pixels", "random:efficientnet_lite0/64")),
    *((name, _random) for name in ARCHITECTURES),
]


def test_enough_architectures_are_covered() -> None:
    assert len(TIMM_FAMILIES) >= 12
    assert len(ARCHITECTURES) >= 25


@pytest.mark.parametrize(("name", "builder"), BUILDERS, ids=[n for n, _ in BUILDERS])
def test_contract(name: str, builder: Callable[[str], tuple[Network, InputSpec]]) -> None:
    net, spec = builder(name)
    assert net.cuts == (POOLED,) if name in WITHOUT_CUTS else 5 <= len(net.cuts) <= 13
    check_network(net, spec, everything=name in SMALL_PACKAGED)


@pytest.mark.parametrize("name", [*PACKAGED_NAMES, "pixels"])
def test_compiled_graph_answers_like_torch(name: str, session_cache) -> None:
    backbone = resolve(name)
    graph = graph_of(backbone, cut=POOLED, folder=session_cache / "graphs")
    assert graph.faithful
    assert graph.shape == tuple(backbone.load().shapes[POOLED])
    compare_engines(backbone, graph.xml)


@pytest.mark.parametrize("name", ["resnet18", "vit_tiny_patch16_224", "convnext_atto"])
def test_compiled_timm_graph_answers_like_torch(name: str) -> None:
    net, spec = _random(name)
    backbone = Backbone(f"timm:{name}", f"random-{name}", spec, lambda: net)
    graph = graph_of(backbone, cut=POOLED, folder=None)
    assert graph.faithful
    compare_engines(backbone, graph.xml)


def test_features_depend_neither_on_batch_mates_nor_on_order(session_cache) -> None:
    backbone = resolve("packaged:efficientnet_lite0")
    graph = graph_of(backbone, cut=POOLED, folder=session_cache / "graphs")
    engine = OpenVINOEngine(graph.xml)
    images = probe_images(backbone.input.height, backbone.input.width, n=6)
    ((_, (together,)),) = engine.run([(0, images)])
    ((_, (backwards,)),) = engine.run([(0, images[::-1].copy())])
    alone = dict(engine.run((i, images[i : i + 1]) for i in range(6)))
    np.testing.assert_array_equal(together, backwards[::-1])
    np.testing.assert_array_equal(together, np.concatenate([alone[i][0] for i in range(6)]))


def test_packaged_weights_know_imagenet() -> None:
    """A photograph of coffee: the network's own classifier must see the cup (ImageNet 504, 967)."""
    from PIL import Image
    from skimage import data

    net, spec = _named("packaged:efficientnet_lite0")
    coffee = Image.fromarray(data.coffee()).resize((spec.width, spec.height), Image.BICUBIC)
    pixels = torch.from_numpy(np.asarray(coffee).copy()).permute(2, 0, 1)[None].float() / 255
    with torch.inference_mode():
        top = net.full((pixels - 0.5) / 0.5).topk(5).indices[0].tolist()
    assert {504, 967} & set(top)
