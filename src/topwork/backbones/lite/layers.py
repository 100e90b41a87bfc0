"""What the layers of an EfficientNet-Lite are, read off the shapes of its tensors.

Tan and Le, EfficientNet, 2019, table 1, without squeeze and excitation, with ReLU6. The width and
depth of Lite0, Lite1 and Lite2 differ; strides and the order of layers don't.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from topwork.errors import BackboneError

Array = NDArray[np.float32]

STRIDES: Final = (1, 2, 2, 2, 1, 2, 1)
"""Of the first block of each stage."""

_COUNTER: Final = "num_batches_tracked"


@dataclass(frozen=True, slots=True)
class Convolution:
    """A convolution without bias, and the batch normalisation behind it.

    Parameters
    ----------
    name, norm
        What timm calls both.
    weight
        ``(out, in, k, k)``; depthwise ``(c, 1, k, k)``.
    gamma, beta, mean, variance
        ``(out,)``.
    active
        Whether ReLU6 follows.
    """

    name: str
    norm: str
    weight: Array
    gamma: Array
    beta: Array
    mean: Array
    variance: Array
    stride: int
    active: bool

    @property
    def depthwise(self) -> bool:
        """Whether each channel is convolved by itself."""
        return bool(self.weight.shape[1] == 1 and self.weight.shape[0] > 1)


@dataclass(frozen=True, slots=True)
class Block:
    """Convolutions in a row; ``residual`` adds what went in."""

    convolutions: tuple[Convolution, ...]
    residual: bool


@dataclass(frozen=True, slots=True)
class LiteLayers:
    """A whole network.

    Parameters
    ----------
    stages
        Blocks of each of the seven stages.
    classifier_weight, classifier_bias
        ``(k, d)`` and ``(k,)``.
    """

    stem: Convolution
    stages: tuple[tuple[Block, ...], ...]
    head: Convolution
    classifier_weight: Array
    classifier_bias: Array


def lite_layers(tensors: Mapping[str, NDArray[Any]]) -> LiteLayers:
    """The layers of a state dict whose tensors stand in the network's order, whatever their names.

    Raises
    ------
    BackboneError
        These are not the tensors of such a network.
    """
    values = [v for k, v in tensors.items() if not k.endswith(_COUNTER)]
    try:
        return _layers(values)
    except (ValueError, IndexError) as error:
        raise BackboneError(
            "The packaged weights are not those of an EfficientNet-Lite.",
            remedy="Reinstall topwork with the versions of its constraints file.",
        ) from error


def _layers(values: Sequence[Array]) -> LiteLayers:
    *body, classifier_weight, classifier_bias = values
    groups = [body[i : i + 5] for i in range(0, len(body), 5)]
    if any(len(group) != 5 or group[0].ndim != 4 for group in groups):
        raise ValueError("not convolutions with their normalisation")
    stem, head = groups[0], groups[-1]
    stages: list[list[Block]] = []
    width, position = stem[0].shape[0], 1
    channels = 0
    while position < len(groups) - 1:
        n = 2 if not stages else 3  # the first stage has blocks without expansion
        own = groups[position : position + n]
        out = own[-1][0].shape[0]
        first = out != channels
        if first:
            stages.append([])
            channels = out
        stride = STRIDES[len(stages) - 1] if first else 1
        names = f"blocks.{len(stages) - 1}.{len(stages[-1])}"
        stages[-1].append(_block(own, names, stride, residual=stride == 1 and out == width))
        width, position = out, position + n
    if len(stages) != len(STRIDES) or classifier_weight.shape[1] != head[0].shape[0]:
        raise ValueError("another number of stages")
    return LiteLayers(
        stem=_convolution(stem, "conv_stem", "bn1", stride=2, active=True),
        stages=tuple(tuple(stage) for stage in stages),
        head=_convolution(head, "conv_head", "bn2", stride=1, active=True),
        classifier_weight=classifier_weight,
        classifier_bias=classifier_bias,
    )


def _block(groups: Sequence[Sequence[Array]], name: str, stride: int, *, residual: bool) -> Block:
    parts = ("conv_dw", "conv_pw") if len(groups) == 2 else ("conv_pw", "conv_dw", "conv_pwl")
    made = tuple(
        _convolution(
            group,
            f"{name}.{part}",
            f"{name}.bn{i}",
            stride=stride if part == "conv_dw" else 1,
            active=i < len(groups),
        )
        for i, (group, part) in enumerate(zip(groups, parts, strict=True), start=1)
    )
    if not all(c.depthwise == c.name.endswith("conv_dw") for c in made):
        raise ValueError("another order of layers")
    return Block(made, residual)


def _convolution(
    group: Sequence[Array], name: str, norm: str, *, stride: int, active: bool
) -> Convolution:
    weight, gamma, beta, mean, variance = group
    if any(v.shape != weight.shape[:1] for v in (gamma, beta, mean, variance)):
        raise ValueError("a normalisation of another width")
    return Convolution(name, norm, weight, gamma, beta, mean, variance, stride, active)
