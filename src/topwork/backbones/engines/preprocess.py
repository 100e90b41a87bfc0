"""The part of preprocessing that runs inside the graph: of images, bytes to normalised values."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from topwork.backbones.engines.openvino import openvino
from topwork.backbones.inputs import Input, InputSpec

if TYPE_CHECKING:
    from torch import nn


def graph_input(spec: Input) -> tuple[Any, Any]:
    """The parameter of an OpenVINO graph, and the node of what the network expects.

    Of images ``uint8 (b, h, w, 3)`` and normalised values ``(b, 3, h, w)``; tokens
    ``int32 (b, t)`` are both.
    """
    ops = openvino().opset13
    if not isinstance(spec, InputSpec):
        tokens = ops.parameter([-1, -1], np.int32, name="tokens")
        return tokens, tokens
    images = ops.parameter([-1, spec.height, spec.width, 3], np.uint8, name="images")
    values = ops.transpose(ops.convert(images, "f32"), np.array([0, 3, 1, 2]))
    return images, normalised(ops.divide(values, np.float32(255)), spec)


def normalised(values: Any, spec: InputSpec) -> Any:
    """The node of values in 0..1, normalised as the network expects them."""
    ops = openvino().opset13
    mean, std = (np.array(v, np.float32).reshape(1, 3, 1, 1) for v in (spec.mean, spec.std))
    return ops.divide(ops.subtract(values, mean), std)


def behind_input(module: nn.Module, spec: Input) -> nn.Module:
    """``module`` behind the conversion of ``uint8 (b, h, w, 3)`` to what it expects.

    Tokens are what a network for texts expects.
    """
    if not isinstance(spec, InputSpec):
        return module
    return _module_class()(module, spec).eval()


@cache
def _module_class() -> type[nn.Module]:
    import torch
    from torch import Tensor, nn

    class FromUint8(nn.Module):
        mean: Tensor
        std: Tensor

        def __init__(self, module: nn.Module, spec: InputSpec) -> None:
            super().__init__()
            self.module = module
            self.register_buffer("mean", torch.tensor(spec.mean).view(1, 3, 1, 1))
            self.register_buffer("std", torch.tensor(spec.std).view(1, 3, 1, 1))

        def forward(self, images: Tensor) -> Tensor | tuple[Tensor, ...]:
            values = images.permute(0, 3, 1, 2).float() / 255.0
            answer: Tensor | tuple[Tensor, ...] = self.module((values - self.mean) / self.std)
            return answer

    return FromUint8
