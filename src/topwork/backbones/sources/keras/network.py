"""A Keras model as a backbone's network: it takes images as all sources do, cut and pooled."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from topwork.backbones.backbone import Backbone, Cuts, Network
from topwork.backbones.fingerprint import fingerprint
from topwork.backbones.inputs import InputSpec
from topwork.backbones.sources.keras.flatten import Value, flatten
from topwork.backbones.sources.keras.layers import Convolution, Dense
from topwork.backbones.sources.keras.library import keras
from topwork.backbones.sources.keras.pixels import Pixels
from topwork.backbones.sources.keras.segments import Segment, chain, has_kernel
from topwork.backbones.weights_recipe import recipe
from topwork.errors import BackboneError

_SIDE = 224
"""Of images, in pixels, where a model takes any."""


@dataclass(frozen=True, slots=True)
class Framed:
    """A model with all that isn't in it.

    Parameters
    ----------
    model
        A functional or sequential model of Keras.
    pixels
        How it wants images' values.
    side
        Of square images, in pixels, where the model takes any.
    crop_fraction
        The part of the shorter side that a centre crop keeps.
    """

    model: Any
    pixels: Pixels
    side: int = _SIDE
    crop_fraction: float = 1.0


def backbone_of(name: str, framed: Framed, tensors: Mapping[str, Tensor] | None = None) -> Backbone:
    """A Keras model as the backbone ``name``.

    Parameters
    ----------
    tensors
        Those of the network, where they aren't in the model.

    Raises
    ------
    BackboneError
        The model isn't one from a colour image to a vector.
    """
    config = keras().saving.serialize_keras_object(framed.model)
    program = flatten(framed.model, name)
    height, width = (int(n or framed.side) for n in program.input.shape[:2])
    mean, std = framed.pixels.mean, framed.pixels.std
    spec = InputSpec(height, width, mean, std, "bilinear", framed.crop_fraction)
    segments, ends = chain(program)
    if tensors is not None:
        segments.load_state_dict(tensors, strict=True)
    facts = {"config": config, "bgr": framed.pixels.bgr}
    values = [program.input, *ends]
    network = _network(name, segments, values, spec, facts)
    calls = [(c.name, type(c.operation).__name__, c.outputs[0].shape) for c in program.calls]
    return Backbone(
        name=name,
        fingerprint=fingerprint(f"{calls}{spec}{framed.pixels.bgr}", network.module),
        input=spec,
        load=partial(_copied, name, segments, values, spec, facts),
    )


def _copied(
    name: str, segments: nn.Sequential, values: list[Value], spec: InputSpec, facts: dict[str, Any]
) -> Network:
    """The network with tensors of its own."""
    return _network(name, deepcopy(segments), values, spec, facts)


def _network(
    name: str, segments: nn.Sequential, values: list[Value], spec: InputSpec, facts: dict[str, Any]
) -> Network:
    """The network; ``values`` are those between its segments, the input first."""
    first = _classifier_at(segments, values)
    shape = values[first].shape
    pooling = Pooling(segments[:first], rank=len(shape), bgr=bool(facts["bgr"])).eval()
    classifier = Classifier(segments[first:], shape).eval() if first < len(segments) else None
    with torch.inference_mode():
        features = pooling(torch.zeros(2, 3, spec.height, spec.width))
    if features.dim() != 2:
        raise BackboneError(
            f"{name} gives features of shape {tuple(shape)}, not a vector or maps.",
            remedy="Choose a model that ends in a pooled vector, or in maps of features.",
        )
    answer = classifier or nn.Identity().eval()
    return Network(
        module=segments.eval(),
        full=nn.Sequential(pooling, answer).eval() if classifier else pooling,
        pooling=pooling,
        classifier=answer,
        width=int(features.shape[1]),
        size=(spec.height, spec.width),
        find_cuts=partial(_cuts, pooling),
        recipe=recipe("keras", facts, spec),
    )


def _classifier_at(segments: nn.Sequential, values: list[Value]) -> int:
    """The first segment that belongs to the classifier: the last linear layer on one vector."""
    for i in reversed(range(len(segments))):
        segment = segments[i]
        assert isinstance(segment, Segment)
        if segment.pools:
            return len(segments)
        if has_kernel(segment):
            linear = isinstance(next(iter(segment.layers.values())), Dense | Convolution)
            shapes = values[i].shape, values[-1].shape
            return i if linear and _is_vector(*shapes) else len(segments)
    return len(segments)


def _is_vector(shape: tuple[int | None, ...], answer: tuple[int | None, ...]) -> bool:
    """Whether features are one vector each, also as maps of one pixel before a flat answer."""
    return len(shape) == 1 or (tuple(shape[:2]) == (1, 1) and len(answer) == 1)


def _cuts(pooling: nn.Module, size: tuple[int, int]) -> Cuts | None:
    from topwork.backbones.cuts import find_cuts

    return find_cuts(pooling, (3, *size))


class Pooling(nn.Module):
    """Images ``(b, 3, h, w)`` to the vector that the classifier sees."""

    def __init__(self, model: nn.Sequential, *, rank: int, bgr: bool) -> None:
        super().__init__()
        self.model = model
        self._has_maps = rank == 3
        self._bgr = bgr

    def forward(self, images: Tensor) -> Tensor:
        ordered = images.flip(1) if self._bgr else images
        features: Tensor = self.model(ordered.permute(0, 2, 3, 1))
        return features.mean((1, 2)) if self._has_maps else features


class Classifier(nn.Module):
    """That vector to the model's own answer."""

    def __init__(self, model: nn.Sequential, shape: tuple[int | None, ...]) -> None:
        super().__init__()
        self.model = model
        self._shape = [int(n or 1) for n in shape]

    def forward(self, features: Tensor) -> Tensor:
        answer: Tensor = self.model(features.reshape(-1, *self._shape))
        return answer
