"""Strategies full and lora, on small networks with random weights."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch
from torch import nn

from tests.training.conftest import N_CLASSES, SmallTail
from topwork.errors import BackboneError
from topwork.heads import LinearHead
from topwork.training.batches import ActivationBatches
from topwork.training.freezing import trainable
from topwork.training.objectives import CrossEntropy
from topwork.training.pixels import FromPixels, PixelBatches, standard_augmentation
from topwork.training.settings import LoopSettings
from topwork.training.strategies.full import fit_full
from topwork.training.strategies.lora import (
    LoraSettings,
    attention_projections,
    fit_lora,
    with_adapters,
)

LOOP = LoopSettings(epochs=2, batch=4, learning_rate=3e-3, precision="float32")
SIDE = 32


def pictures(n: int = 12) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    codes = np.arange(n) % N_CLASSES
    values = rng.integers(0, 120, (n, SIDE, SIDE, 3)) + 60 * codes[:, None, None, None]
    return values.astype(np.uint8), codes


def pixel_batches(augment=None) -> PixelBatches:
    values, codes = pictures()
    return PixelBatches(values.__getitem__, np.arange(len(codes)), codes, augment=augment)


def head(d: int, seed: int = 0) -> LinearHead:
    weight = np.random.default_rng(seed).normal(size=(d, N_CLASSES)).astype(np.float32)
    return LinearHead(weight, np.zeros(N_CLASSES, np.float32))


def test_every_picture_is_augmented_by_itself() -> None:
    same = torch.randint(0, 255, (1, 3, SIDE, SIDE), dtype=torch.uint8).expand(6, -1, -1, -1)
    torch.manual_seed(0)
    changed = standard_augmentation(24, 28)(same)
    assert changed.shape == (6, 3, 24, 28)
    assert changed.dtype == torch.uint8
    assert len({tuple(image.flatten().tolist()) for image in changed}) == 6


def test_pixels_come_once_an_epoch_with_their_classes() -> None:
    values, codes = pictures()
    seen = list(pixel_batches().epoch(np.random.default_rng(0), 5))
    assert [len(batch) for batch in seen] == [4, 4, 4]
    images = torch.cat([batch.inputs for batch in seen]).permute(0, 2, 3, 1).numpy()
    order = [int(np.flatnonzero((values == image).all(axis=(1, 2, 3)))[0]) for image in images]
    assert sorted(order) == list(range(12))
    assert torch.cat([batch.targets for batch in seen]).tolist() == codes[order].tolist()


def test_full_trains_both_sides_of_the_cut() -> None:
    torch.manual_seed(0)
    before = nn.Sequential(nn.Conv2d(3, 8, 3, stride=8), nn.BatchNorm2d(8), nn.ReLU()).eval()
    tail = SmallTail().eval()
    old = [p.clone() for p in (*before.parameters(), *tail.parameters())]
    statistics = before[1].running_mean.clone()
    network = nn.Sequential(before.requires_grad_(False), tail)
    fit = fit_full(
        FromPixels(network, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
        head(16),
        pixel_batches(standard_augmentation(SIDE, SIDE)),
        CrossEntropy(smoothing=0.1),
        settings=LOOP,
    )
    new = list(fit.pooled.parameters())
    assert all(not torch.equal(a, b) for a, b in zip(old, new, strict=True))
    assert all(
        torch.equal(a, b)
        for a, b in zip(old, (*before.parameters(), *tail.parameters()), strict=True)
    )
    assert torch.equal(fit.pooled.network[0][1].running_mean, statistics)
    assert fit.pooled(torch.zeros(1, 3, SIDE, SIDE, dtype=torch.uint8)).shape == (1, 16)


def timm_vit() -> nn.Module:
    import timm

    torch.manual_seed(0)
    return timm.create_model(
        "vit_tiny_patch16_224", num_classes=0, depth=3, img_size=SIDE, patch_size=8
    ).eval()


class Pooled(nn.Module):
    """A ViT of transformers up to its class token."""

    def __init__(self) -> None:
        super().__init__()
        from transformers import ViTConfig, ViTModel

        torch.manual_seed(0)
        config = ViTConfig(
            hidden_size=192,
            num_hidden_layers=3,
            num_attention_heads=3,
            intermediate_size=768,
            image_size=SIDE,
            patch_size=8,
        )
        self.vit = ViTModel(config, add_pooling_layer=False)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        tokens: torch.Tensor = self.vit(images).last_hidden_state
        return tokens[:, 0]


def transformers_vit() -> nn.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Pooled().eval()


class Floats:
    """Pictures as a transformer takes them."""

    def __len__(self) -> int:
        return 12

    def epoch(self, rng, size):
        from topwork.training.batches import Batch

        for batch in pixel_batches().epoch(rng, size):
            yield Batch(batch.inputs.float() / 255, batch.targets)


@pytest.mark.parametrize("build", [timm_vit, transformers_vit])
def test_lora_trains_little_and_merges_exactly(build) -> None:
    network = build()
    before = {k: v.clone() for k, v in network.state_dict().items()}
    fit = fit_lora(network, head(192), Floats(), CrossEntropy(), settings=LOOP)
    assert 0 < fit.share <= 0.02
    assert fit.pooled.state_dict().keys() == before.keys()
    assert all(torch.equal(v, before[k]) for k, v in network.state_dict().items())
    names = {f"{name}.weight" for name in attention_projections(network)}
    for name, tensor in fit.pooled.state_dict().items():
        assert torch.equal(tensor, before[name]) == (name not in names), name


@pytest.mark.parametrize("build", [timm_vit, transformers_vit])
def test_merged_equals_unmerged(build) -> None:
    adapted = with_adapters(build(), LoraSettings())
    assert all("lora_" in name for name in trainable(adapted))
    with torch.no_grad():
        for name, parameter in trainable(adapted).items():
            if "lora_B" in name:
                parameter.normal_(std=0.02)
    images = torch.rand(2, 3, SIDE, SIDE)
    with torch.inference_mode():
        unmerged = adapted.eval()(images)
        plain = build()(images)
        merged = adapted.merge_and_unload()(images)
    assert (unmerged - plain).abs().max() > 1e-3
    torch.testing.assert_close(merged, unmerged, rtol=1e-5, atol=1e-5)


def test_lora_starts_from_its_seed() -> None:
    network = timm_vit()
    one, same = (with_adapters(network, LoraSettings(seed=1)).state_dict() for _ in range(2))
    other = with_adapters(network, LoraSettings(seed=2)).state_dict()
    drawn = [name for name in one if "lora_A" in name]
    assert all(torch.equal(one[name], same[name]) for name in drawn)
    assert not any(torch.equal(one[name], other[name]) for name in drawn)


def test_lora_needs_attention(data) -> None:
    activations, codes = data
    batches = ActivationBatches(activations, np.arange(len(codes)), codes)
    with pytest.raises(BackboneError, match="partial"):
        fit_lora(SmallTail(), head(16), batches, CrossEntropy(), settings=LOOP)
