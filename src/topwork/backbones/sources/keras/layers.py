"""Layers of Keras as torch has them: its own convolutions, normalisations and linear layers.

So they train, freeze, adapt and move between devices like those of any other source. All tensors
keep their channels last, as in Keras, which is how torch's convolutions are fastest. Layers without
an equal here stay layers of Keras.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from topwork.backbones.sources.keras.arithmetic import ARITHMETIC
from topwork.backbones.sources.keras.library import keras
from topwork.backbones.sources.keras.pooling import Pool, padded_same

_AUGMENTING = ("Random", "MixUp", "CutMix", "AugMix", "RandAugment", "Gaussian", "AlphaDropout")
"""Layers that do nothing but in training begin with one of these."""

Activation = Callable[[Tensor], Tensor]


def as_torch(operation: Any) -> nn.Module:
    """The torch module that computes what a built layer of Keras computes."""
    if type(operation).__name__.startswith(_AUGMENTING):
        return nn.Identity()
    is_layer = isinstance(operation, keras().Layer)  # one of the same name may have weights
    if not is_layer and type(operation).__name__ in ARITHMETIC:
        return ARITHMETIC[type(operation).__name__]()
    return _converters().get(type(operation), FromKeras)(operation)


def _converters() -> dict[type, Callable[[Any], nn.Module]]:
    layers = keras().layers
    return {
        layers.AveragePooling2D: lambda layer: Pool(layer, largest=False),
        layers.BatchNormalization: lambda layer: (
            BatchNorm(layer) if _is_last(layer.axis, layer) else FromKeras(layer)
        ),
        layers.Conv2D: _convolution,
        layers.Dense: _dense,
        layers.DepthwiseConv2D: _convolution,
        layers.Dropout: Dropout,
        layers.MaxPooling2D: lambda layer: Pool(layer, largest=True),
        layers.Normalization: lambda layer: (
            FromKeras(layer) if layer.invert else Standardise(layer)
        ),
        layers.SeparableConv2D: _separable,
    }


class Convolution(nn.Conv2d):
    """``(b, h, w, c)`` to ``(b, h', w', c')``, padded as TensorFlow pads."""

    def __init__(
        self,
        layer: Any,
        kernel: Tensor,
        bias: Any,
        *,
        groups: int,
        activation: Activation | None,
        pointwise: bool = False,
    ) -> None:
        one = (1, 1)
        super().__init__(
            kernel.shape[1] * groups,
            kernel.shape[0],
            (kernel.shape[2], kernel.shape[3]),
            stride=one if pointwise else tuple(layer.strides),
            dilation=one if pointwise else tuple(layer.dilation_rate),
            groups=groups,
            bias=bias is not None,
        )
        _fill(self, kernel, bias)
        self._same = layer.padding == "same" and not pointwise
        self._activation = activation

    def forward(self, maps: Tensor) -> Tensor:
        images = maps.permute(0, 3, 1, 2)
        if self._same:
            images = padded_same(images, self.kernel_size, self.stride, self.dilation)
        answer = super().forward(images).permute(0, 2, 3, 1)
        return answer if self._activation is None else self._activation(answer)


def _convolution(layer: Any) -> nn.Module:
    kernel = _tensor(layer.kernel)
    depthwise = type(layer) is keras().layers.DepthwiseConv2D
    return Convolution(
        layer,
        _depthwise(kernel) if depthwise else kernel.permute(3, 2, 0, 1),
        layer.bias,
        groups=kernel.shape[2] if depthwise else layer.groups,
        activation=_activation(layer),
    )


def _separable(layer: Any) -> nn.Module:
    first, second = _tensor(layer.depthwise_kernel), _tensor(layer.pointwise_kernel)
    return nn.Sequential(
        Convolution(layer, _depthwise(first), None, groups=first.shape[2], activation=None),
        Convolution(
            layer,
            second.permute(3, 2, 0, 1),
            layer.bias,
            groups=1,
            activation=_activation(layer),
            pointwise=True,
        ),
    )


def _depthwise(kernel: Tensor) -> Tensor:
    """``(h, w, c, m)`` to ``(c m, 1, h, w)``."""
    height, width, _, _ = kernel.shape
    return kernel.permute(2, 3, 0, 1).reshape(-1, 1, height, width)


def _dense(layer: Any) -> nn.Module:
    is_plain = layer.quantization_mode is None and not layer.lora_enabled
    return Dense(layer) if is_plain else FromKeras(layer)


class Dense(nn.Linear):
    """The last axis to another width."""

    def __init__(self, layer: Any) -> None:
        kernel = _tensor(layer.kernel)
        super().__init__(kernel.shape[0], kernel.shape[1], bias=layer.bias is not None)
        _fill(self, kernel.T, layer.bias)
        self._activation = _activation(layer)

    def forward(self, values: Tensor) -> Tensor:
        answer = super().forward(values)
        return answer if self._activation is None else self._activation(answer)


class BatchNorm(nn.BatchNorm2d):
    """Of the last axis of ``(b, c)`` or ``(b, h, w, c)``."""

    def __init__(self, layer: Any) -> None:
        mean = _tensor(layer.moving_mean)
        affine = layer.scale or layer.center
        super().__init__(len(mean), layer.epsilon, 1 - layer.momentum, affine=affine)
        self.running_mean, self.running_var = mean, _tensor(layer.moving_variance)
        for ours, theirs in ((self.weight, layer.gamma), (self.bias, layer.beta)):
            if theirs is not None:
                ours.data = _tensor(theirs)
            elif ours is not None:
                ours.requires_grad_(False)

    def forward(self, values: Tensor) -> Tensor:
        if values.dim() == 2:
            return super().forward(values[:, :, None, None]).flatten(1)
        return super().forward(values.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)


class Standardise(nn.Module):
    """Mean and variance that were measured or given beforehand."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, layer: Any) -> None:
        super().__init__()
        deviation = torch.sqrt(torch.as_tensor(layer.variance, device="cpu").float())
        self.register_buffer("mean", torch.as_tensor(layer.mean, device="cpu").float().clone())
        self.register_buffer("deviation", deviation.clamp(min=keras().config.epsilon()))

    def forward(self, values: Tensor) -> Tensor:
        return (values - self.mean) / self.deviation


class Dropout(nn.Module):
    """Of single values, or of whole axes, such as an item's branch."""

    def __init__(self, layer: Any) -> None:
        super().__init__()
        self._rate = float(layer.rate)
        self._axes = layer.noise_shape

    def forward(self, values: Tensor) -> Tensor:
        if not self.training:
            return values
        shape = self._axes or values.shape
        size = [own if n is None else n for n, own in zip(shape, values.shape, strict=True)]
        return values * functional.dropout(values.new_ones(size), self._rate)


class FromKeras(nn.Module):
    """A layer or operation as Keras runs it."""

    def __init__(self, operation: Any) -> None:
        super().__init__()
        # its place in the model would be copied with it, and with that the model
        operation._inbound_nodes, operation._outbound_nodes = [], []
        self.operation = operation
        if isinstance(operation, nn.Module):
            for part in operation.modules():
                _rename(part)

    def __deepcopy__(self, memo: dict[int, Any]) -> FromKeras:
        """A copy whose tensors have the same names; Keras gives those of a copy its own."""
        copy = FromKeras(deepcopy(self.operation, memo))
        memo[id(self)] = copy
        return copy.train(self.training)

    def forward(self, *arguments: Any, **keywords: Any) -> Any:
        return self.operation(*arguments, **keywords)


def _rename(layer: Any) -> None:
    """Its tensors under names that don't depend on the process, without counters and seeds."""
    held = getattr(layer, "_torch_params", None)
    if held is not None:
        layer._torch_params = nn.ParameterDict(
            {
                f"{i}_{variable.name}": variable.value
                for i, variable in enumerate(layer.variables)
                if variable.value.is_floating_point()
            }
        )


def _activation(layer: Any) -> Activation | None:
    activation: Activation = layer.activation
    return None if activation is keras().activations.linear else activation


def _fill(module: nn.Conv2d | nn.Linear, kernel: Tensor, bias: Any) -> None:
    module.weight.data = kernel.contiguous()
    if bias is not None and module.bias is not None:
        module.bias.data = _tensor(bias)


def _tensor(variable: Any) -> Tensor:
    """A variable's value, a copy in float32."""
    value: Tensor = variable.value
    return value.detach().cpu().float().clone()


def _is_last(axis: int, layer: Any) -> bool:
    dimensions = layer.input_spec.ndim
    return dimensions in {2, 4} and axis in {-1, dimensions - 1}
