"""An EfficientNet-Lite as an OpenVINO graph, and its tensors under timm's names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from topwork.backbones.backbone import POOLED
from topwork.backbones.engines.openvino import openvino
from topwork.backbones.inputs import InputSpec
from topwork.backbones.lite.layers import Convolution, LiteLayers
from topwork.errors import BackboneError

EPSILON: Final = 1e-3
"""Of the batch normalisation, as TensorFlow trained it."""


def cuts_of(layers: LiteLayers) -> tuple[str, ...]:
    """The places where the graph can be cut, from early to late."""
    return (*(f"blocks.{i}" for i in range(len(layers.stages))), POOLED)


def lite_graph(
    layers: LiteLayers, spec: InputSpec, cuts: tuple[str, ...]
) -> tuple[Any, tuple[tuple[int, ...], ...]]:
    """The ``openvino.Model`` from ``uint8 (b, h, w, 3)`` to features at cuts, and their shapes.

    Batch normalisation is folded into the convolutions, and padding is TensorFlow's ``same``.

    Raises
    ------
    BackboneError
        The network has no such cut.
    """
    known = cuts_of(layers)
    for cut in cuts:
        if cut not in known:
            raise BackboneError(
                f"This backbone cannot be cut at {cut!r}.",
                remedy=f"Choose one of its cuts: {', '.join(known)}.",
                code="no_such_cut",
            )
    ov = openvino()
    images = ov.opset13.parameter([-1, spec.height, spec.width, 3], np.uint8, name="images")
    alive = dict(_forward(layers, _normalised(images, spec), cuts))
    outputs = [alive[cut] for cut in cuts]
    model = ov.Model([ov.opset13.result(output) for output in outputs], [images], "backbone")
    shapes = tuple(
        tuple(int(dimension.get_length()) for dimension in list(output.get_partial_shape())[1:])
        for output in model.outputs
    )
    return model, shapes


def _normalised(images: Any, spec: InputSpec) -> Any:
    ops = openvino().opset13
    values = ops.transpose(ops.convert(images, "f32"), np.array([0, 3, 1, 2]))
    mean, std = (np.array(v, np.float32).reshape(1, 3, 1, 1) for v in (spec.mean, spec.std))
    return ops.divide(ops.subtract(ops.divide(values, np.float32(255)), mean), std)


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
        yield f"blocks.{i}", x
        left.discard(f"blocks.{i}")
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
