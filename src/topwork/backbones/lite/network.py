"""An EfficientNet-Lite as an OpenVINO graph, and its tensors under timm's names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from topwork.backbones.backbone import POOLED
from topwork.backbones.engines.openvino import openvino
from topwork.backbones.lite.layers import Convolution, LiteLayers

EPSILON: Final = 1e-3
"""Of the batch normalisation, as TensorFlow trained it."""

N_STAGES: Final = 7
CUTS: Final = (*(f"blocks.{i}" for i in range(N_STAGES)), POOLED)
"""The places where the graph can be cut, from early to late."""


def lite_nodes(layers: LiteLayers, values: Any, cuts: tuple[str, ...]) -> tuple[Any, ...]:
    """From normalised images ``(b, 3, h, w)`` to the features at cuts.

    Batch normalisation is folded into the convolutions, and padding is TensorFlow's ``same``.
    """
    alive = dict(_forward(layers, values, cuts))
    return tuple(alive[cut] for cut in cuts)


def _forward(layers: LiteLayers, x: Any, cuts: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    """What is alive at each cut; nothing behind the last one that is wanted is built."""
    ops = openvino().opset13
    left = set(cuts)
    x = _convolved(x, layers.stem)
    for i, stage in enumerate(layers.stages):
        for block in stage:
            inner = x
            for convolution in block.convolutions:
                inner = _convolved(inner, convolution)
            x = ops.add(x, inner) if block.residual else inner
        yield CUTS[i], x
        left.discard(CUTS[i])
        if not left:
            return
    pooled = ops.reduce_mean(_convolved(x, layers.head), np.array([2, 3]), keep_dims=False)
    yield POOLED, pooled


def _convolved(x: Any, layer: Convolution) -> Any:
    ops = openvino().opset13
    scale = layer.gamma / np.sqrt(layer.variance + EPSILON)
    weight = np.ascontiguousarray(layer.weight * scale[:, None, None, None], np.float32)
    bias = (layer.beta - layer.mean * scale).astype(np.float32).reshape(1, -1, 1, 1)
    where = ([layer.stride] * 2, [0, 0], [0, 0], [1, 1], "same_upper")
    if layer.depthwise:
        x = ops.group_convolution(x, weight[:, None], *where)
    else:
        x = ops.convolution(x, weight, *where)
    x = ops.add(x, bias)
    return ops.clamp(x, 0.0, 6.0) if layer.active else x


def state_dict(layers: LiteLayers) -> dict[str, NDArray[Any]]:
    """The tensors under timm's names, as a file that `timm:NAME@FILE` reads."""
    found: dict[str, NDArray[Any]] = {}
    blocks = (block for stage in layers.stages for block in stage)
    for layer in (layers.stem, *(c for b in blocks for c in b.convolutions), layers.head):
        found[f"{layer.name}.weight"] = layer.weight
        found[f"{layer.norm}.weight"] = layer.gamma
        found[f"{layer.norm}.bias"] = layer.beta
        found[f"{layer.norm}.running_mean"] = layer.mean
        found[f"{layer.norm}.running_var"] = layer.variance
        found[f"{layer.norm}.num_batches_tracked"] = np.array(0, np.int64)
    found["classifier.weight"] = layers.classifier_weight
    found["classifier.bias"] = layers.classifier_bias
    return found
