"""The same network for texts at several depths: ``NAME/depths``."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final, Protocol, runtime_checkable

from topwork.backbones.backbone import Backbone, BuildsGraph, Network
from topwork.backbones.inputs import TokenInput
from topwork.backbones.windowed import LONG
from topwork.backbones.wrapped import WrappedBuilder
from topwork.errors import BackboneError

DEPTHS: Final = "/depths"

N_DEPTHS: Final = 3
"""The last blocks, whose vectors stand in a row."""


def split_depths(name: str) -> tuple[str, bool]:
    """What stands before ``/depths``, and whether that was there.

    Examples
    --------
    >>> split_depths("packaged:all-minilm-l6-v2/depths"), split_depths("pixels")
    (('packaged:all-minilm-l6-v2', True), ('pixels', False))
    """
    return name.removesuffix(DEPTHS), name.endswith(DEPTHS)


def with_layers(name: str) -> str:
    """A backbone's name with ``/depths`` behind it, before ``/long`` and local weights.

    Examples
    --------
    >>> with_layers("transformers:bert/long@folder")
    'transformers:bert/depths/long@folder'
    >>> with_layers("packaged:all-minilm-l6-v2/depths")
    'packaged:all-minilm-l6-v2/depths'
    """
    plain, at, weights = name.partition("@")
    long = LONG if plain.endswith(LONG) else ""
    return f"{split_depths(plain.removesuffix(LONG))[0]}{DEPTHS}{long}{at}{weights}"


def multi_layer(backbone: Backbone) -> Backbone:
    """``backbone`` with what its last three blocks say of a text, each of length 1, in a row.

    The last block of a network for sentences knows what they are about; those before it know more
    of how it is said.

    Raises
    ------
    BackboneError
        It isn't a language model with blocks.
    """
    if not isinstance(backbone.input, TokenInput):
        raise BackboneError(
            f"{backbone.name} reads no texts.",
            remedy=f"For images write {backbone.name}+depths.",
            code="no_depths",
        )
    text = f"{backbone.fingerprint}{DEPTHS} {N_DEPTHS}"
    return replace(
        backbone,
        name=f"{backbone.name}{DEPTHS}",
        fingerprint=hashlib.blake2b(text.encode(), digest_size=16).hexdigest(),
        load=_loader(backbone),
    )


@runtime_checkable
class HasDepths(Protocol):
    """A loader that can also build the graph of several last blocks, without torch."""

    def at_depths(self, n: int) -> BuildsGraph:
        """The same of the last n blocks, in a row."""
        ...


def _loader(backbone: Backbone) -> Callable[[], Network]:
    load, with_torch = backbone.load, partial(_with_torch, backbone)
    return (
        WrappedBuilder(with_torch, load.at_depths(N_DEPTHS))
        if isinstance(load, HasDepths)
        else with_torch
    )


def _with_torch(backbone: Backbone) -> Network:
    return _at_depths(backbone.load(), backbone.name)


def _at_depths(network: Network, name: str) -> Network:
    import torch

    make = getattr(network.pooling, "at_depths", None)
    if make is None:
        raise BackboneError(
            f"{name} has no blocks one behind the other.",
            remedy="Leave /depths out behind its name.",
            code="no_depths",
        )
    pooling = make(N_DEPTHS)
    with torch.inference_mode():
        width = int(pooling(torch.tensor([[1, 2, 3]], dtype=torch.int32)).shape[1])
    return replace(network, full=pooling, pooling=pooling, width=width, find_cuts=None)
