"""What every pretrained network looks like from here: a light handle, and the network behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import nn

POOLED = "pooled"
"""The deepest cut: the vector that the network's own classifier sees."""


@dataclass(frozen=True, slots=True)
class InputSpec:
    """What a network expects to see.

    Parameters
    ----------
    height, width
        Pixels.
    mean, std
        Of the red, green and blue channel, for values scaled to 0..1.
    interpolation
        The resize kernel that the weights were trained with.
    crop_fraction
        The part of the shorter side that a centre crop keeps.
    """

    height: int
    width: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    interpolation: str = "bicubic"
    crop_fraction: float = 0.875


@dataclass(frozen=True, slots=True)
class Network:
    """The torch side of a backbone, in evaluation mode.

    Parameters
    ----------
    module
        Holds the tensors, under the names that its source knows.
    full
        Images ``(b, 3, h, w)``, normalised, to what the network itself answers.
    before
        For every cut a module from images to the features at that cut.
    after
        For every cut a module from those features to what ``full`` answers.
    shapes
        For every cut the shape of one item's features.
    """

    module: nn.Module
    full: nn.Module
    before: Mapping[str, nn.Module]
    after: Mapping[str, nn.Module]
    shapes: Mapping[str, tuple[int, ...]]

    @property
    def cuts(self) -> tuple[str, ...]:
        return tuple(self.before)


@dataclass(frozen=True, slots=True)
class Backbone:
    """A pretrained network without its classifier, not loaded yet.

    Parameters
    ----------
    name
        ``SOURCE:NAME``.
    fingerprint
        Identifies architecture and weights: hexadecimal, the same on every machine.
    input
        What the network expects to see.
    load
        Builds the torch network; the only place where torch gets imported.
    licence
        Of the weights, as far as their source tells it.
    """

    name: str
    fingerprint: str
    input: InputSpec
    load: Callable[[], Network] = field(compare=False, repr=False)
    licence: str | None = field(default=None, compare=False)
