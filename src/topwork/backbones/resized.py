"""The same weights at another input size: ``NAME/192``. Convolutional networks only."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from topwork.backbones.backbone import Backbone, BuildsGraph, Network
from topwork.backbones.wrapped import WrappedBuilder
from topwork.errors import BackboneError

SMALLEST, LARGEST = 32, 1024
"""Input sizes in pixels that make sense for a network that halves its maps five times."""

_SUFFIX = re.compile(r"(.*[^/])/([0-9]+)")


def split_size(name: str) -> tuple[str, int | None]:
    """What stands before the ``/``, and the input size behind it in pixels, if there is one.

    Raises
    ------
    BackboneError
        The size is out of range.

    Examples
    --------
    >>> split_size("packaged:efficientnet_lite0/192"), split_size("pixels")
    (('packaged:efficientnet_lite0', 192), ('pixels', None))
    """
    match = _SUFFIX.fullmatch(name)
    if match is None:
        return name, None
    size = int(match[2])
    if not SMALLEST <= size <= LARGEST:
        raise BackboneError(
            f"The input size of {name!r} is out of range.",
            remedy=f"Give between {SMALLEST} and {LARGEST} pixels, or leave the /{match[2]} out.",
        )
    return match[1], size


def resized(backbone: Backbone, size: int, width: int | None = None) -> Backbone:
    """``backbone`` with other inputs; itself where it has that size already.

    Whether its network can take them is found out when it is loaded.

    Parameters
    ----------
    size
        Height in pixels.
    width
        Of inputs that are not square.
    """
    spec = backbone.images
    width = width or size
    if (spec.height, spec.width) == (size, width):
        return backbone
    shape = f"{size}" if width == size else f"{size}x{width}"
    name = f"{backbone.name}/{shape}"
    text = f"{backbone.fingerprint}/{shape}"
    return replace(
        backbone,
        name=name,
        fingerprint=hashlib.blake2b(text.encode(), digest_size=16).hexdigest(),
        input=replace(spec, height=size, width=width),
        load=_loader(backbone.load, name, (size, width)),
    )


def _loader(load: Callable[[], Network], name: str, size: tuple[int, int]) -> Callable[[], Network]:
    with_torch = partial(_with_torch, load, name, size)
    return WrappedBuilder(with_torch, load) if isinstance(load, BuildsGraph) else with_torch


def _with_torch(load: Callable[[], Network], name: str, size: tuple[int, int]) -> Network:
    return _checked(name, load(), size)


def _checked(name: str, network: Network, size: tuple[int, int]) -> Network:
    """The network, where its pooled vector is the same at this size.

    Raises
    ------
    BackboneError
        It doesn't take the size, or its pooled vector is another one there.
    """
    import torch

    images = torch.zeros(1, 3, *size)
    try:
        with torch.inference_mode():
            shape = tuple(network.pooling(images).shape[1:])
    except (RuntimeError, AssertionError, ValueError):
        shape = ()
    if shape != (network.width,):
        raise only_one_size(name)
    return replace(network, size=size)


def only_one_size(name: str) -> BackboneError:
    """The error for a network that cannot be resized."""
    return BackboneError(
        f"{name}: this network only takes images of the size it was made for.",
        remedy="Leave the size out; convolutional networks take other sizes.",
    )
