"""Source ``pixels``: no pretrained network at all, the baseline that transfer has to beat."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from topwork.backbones.backbone import POOLED, Backbone, Network
from topwork.backbones.engines.openvino import openvino
from topwork.backbones.inputs import InputSpec
from topwork.backbones.nodes import image_size
from topwork.backbones.resized import only_one_size
from topwork.installation import require

if TYPE_CHECKING:
    from torch import nn

_GRID = 16
_BINS = 16
_WIDTH = _GRID * _GRID + 3 * _BINS
_VERSION = "pixels-1"
_SPEC = InputSpec(64, 64, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), "bilinear", 1.0)


class PixelsSource:
    """Tiny grey pixels and colour histograms, as a network so that nothing treats it apart."""

    name = "pixels"
    by_bare_name = True

    def names(self) -> list[str]:
        return ["pixels"]

    def find(self, name: str, weights: Path | None) -> Backbone | None:  # noqa: ARG002
        if name != "pixels":
            return None
        return Backbone(name="pixels", fingerprint=_VERSION, input=_SPEC, load=_Pixels())


class _Pixels:
    """Loads the network with torch, or builds its graph without."""

    cuts = (POOLED,)
    inside = ""
    recipe: ClassVar[Mapping[str, str]] = {}

    def __call__(self) -> Network:
        return _load()

    def nodes(self, values: Any, cuts: tuple[str, ...]) -> tuple[Any, ...]:
        if image_size(values) != (_SPEC.height, _SPEC.width):
            raise only_one_size("pixels")
        return tuple(_pixel_features(values) for _ in cuts)

    def tensors(self) -> Mapping[str, NDArray[np.generic]]:
        return {}


def _pixel_features(values: Any) -> Any:
    """What `Pixels` computes, as nodes of a graph."""
    ops, cell = openvino().opset13, _SPEC.height // _GRID
    grey = ops.reduce_mean(values, np.array([1]), keep_dims=True)
    cells = ops.avg_pool(grey, [cell, cell], [0, 0], [0, 0], [cell, cell], True)
    centred = ops.divide(ops.subtract(cells, np.float32(0.5)), np.float32(_GRID))
    level = ops.floor(ops.minimum(ops.multiply(values, np.float32(_BINS)), np.float32(_BINS - 0.5)))
    flat = ops.reshape(level, np.array([0, 3, -1, 1]), special_zero=True)
    inside = ops.equal(flat, np.arange(_BINS, dtype=np.float32).reshape(1, 1, 1, -1))
    counts = ops.reduce_mean(ops.convert(inside, "f32"), np.array([2]), keep_dims=False)
    parts = [ops.reshape(x, np.array([0, -1]), special_zero=True) for x in (centred, counts)]
    return ops.concat(parts, 1)


def _load() -> Network:
    require("pixels as a PyTorch module", ("torch",))
    from torch import nn

    pooling = _pixels_class()().eval()
    return Network(
        module=pooling,
        full=pooling,
        pooling=pooling,
        classifier=nn.Identity().eval(),
        width=_WIDTH,
    )


@cache
def _pixels_class() -> type[nn.Module]:
    import torch
    from torch import Tensor, nn
    from torch.nn.functional import avg_pool2d

    class Pixels(nn.Module):
        """Images ``(b, 3, h, w)`` in 0..1 to centred grey pixels beside colour histograms."""

        def forward(self, images: Tensor) -> Tensor:
            cell = _SPEC.height // _GRID
            grey = avg_pool2d(images.mean(dim=1, keepdim=True), cell).flatten(1)
            level = torch.clamp(images.flatten(2) * _BINS, max=_BINS - 0.5)
            counts = [
                ((level >= b) & (level < b + 1)).to(images.dtype).mean(dim=2) for b in range(_BINS)
            ]
            histogram = torch.stack(counts, dim=2).flatten(1)
            return torch.cat([(grey - 0.5) / _GRID, histogram], dim=1)

    return Pixels
