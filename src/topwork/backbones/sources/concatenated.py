"""Several networks side by side as one: ``NAME+NAME``, ``NAME+depths``, ``NAME+mirrored``."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard

from topwork.backbones.backbone import Backbone, BuildsGraph, Network
from topwork.backbones.inputs import InputSpec
from topwork.backbones.sources.together_graph import N_DEPTHS, TogetherBuilder
from topwork.backbones.weights_recipe import recipes_of_parts
from topwork.errors import BackboneError
from topwork.installation import require

if TYPE_CHECKING:
    from torch import Tensor, nn

MIRRORED = "mirrored"
"""A part of a name that makes the networks before it see the mirrored image, too."""

DEPTHS = "depths"
"""A part of a name that takes vectors at several depths of the networks before it."""

SEPARATOR = "+"
_MODIFIERS = (DEPTHS, MIRRORED)
_VERSION = "together-3"


def networks_in(name: str) -> list[str]:
    """The networks that a name names.

    Examples
    --------
    >>> networks_in("a+b+depths+c")
    ['a', 'b', 'c']
    """
    return [part for part in name.split(SEPARATOR) if part not in _MODIFIERS]


def join(
    names: Sequence[str], weights: Path | None, find: Callable[[int, str], Backbone]
) -> Backbone:
    """Networks that look at one image; their vectors, each of unit length, in a row.

    The image is decoded once, at the largest input of them, and resized inside the network for
    the others: what they see when they are trained on is what they see in a saved model.

    Parameters
    ----------
    names
        Of backbones; and ``mirrored``, by which the vectors of those before it are the means of
        both views, and ``depths``, by which they are the pooled features of several cuts in a row.
    weights
        A file with the tensors of all of them.
    find
        A backbone by its place among the networks, and its name.

    Raises
    ------
    BackboneError
        There is no network among the names.
    """
    own = networks_in(SEPARATOR.join(names))
    if not own or "" in own:
        raise BackboneError(
            f"{SEPARATOR.join(names)!r} names no network.",
            remedy="Join names by +, as in efficientnet_lite0+efficientnet_lite1+mirrored.",
        )
    parts = [find(i, name) for i, name in enumerate(own)]
    reach = {modifier: _reach(names, modifier) for modifier in _MODIFIERS}
    return _together(parts, own if weights else [p.name for p in parts], reach, weights)


def beside(one: Backbone, other: Backbone) -> Backbone:
    """Both as one; ``one`` may be several already, of which the tensors are not in a file.

    Its tensors and those of ``other`` are as they are there, trained further or not.
    """
    names = one.name.split(SEPARATOR)
    reach = {modifier: _reach(names, modifier) for modifier in _MODIFIERS}
    parts = [*(one.parts or (one,)), other]
    return _together(parts, [*networks_in(one.name), other.name], reach, None)


def _reach(names: Sequence[str], modifier: str) -> int:
    """How many networks stand before a modifier; 0 where there is none."""
    last = max((i for i, name in enumerate(names) if name == modifier), default=0)
    return len(networks_in(SEPARATOR.join(names[:last]))) if last else 0


def _together(
    parts: Sequence[Backbone],
    names: Sequence[str],
    reach: Mapping[str, int],
    weights: Path | None,
) -> Backbone:
    """Each modifier holds for as many of the first of them as ``reach`` says."""
    digest = hashlib.blake2b(f"{_VERSION} {sorted(reach.items())}".encode(), digest_size=16)
    for part in parts:
        digest.update(part.fingerprint.encode())
    if weights is not None:
        digest.update(weights.read_bytes())
    return Backbone(
        name=SEPARATOR.join(_marked(names, reach)),
        fingerprint=digest.hexdigest(),
        input=_input([part.images for part in parts]),
        load=_loader(parts, reach, weights),
        parts=tuple(parts),
    )


def _marked(names: Sequence[str], reach: Mapping[str, int]) -> list[str]:
    marked: list[str] = []
    for i, name in enumerate(names, start=1):
        marked.append(name)
        marked += [modifier for modifier in _MODIFIERS if reach[modifier] == i]
    return marked


def _input(specs: Sequence[InputSpec]) -> InputSpec:
    largest = max(specs, key=lambda spec: spec.height * spec.width)
    return InputSpec(
        height=largest.height,
        width=largest.width,
        mean=(0.0, 0.0, 0.0),
        std=(1.0, 1.0, 1.0),
        interpolation=largest.interpolation,
        crop_fraction=largest.crop_fraction,
    )


def _loader(
    parts: Sequence[Backbone], reach: Mapping[str, int], weights: Path | None
) -> Callable[[], Network]:
    with_torch = partial(_load, parts, reach, weights)
    builders = [part.load for part in parts if _builds_graph(part.load)]
    if weights is not None or len(builders) < len(parts):
        return with_torch
    specs = [part.images for part in parts]
    return TogetherBuilder(with_torch, builders, specs, reach[DEPTHS], reach[MIRRORED])


def _builds_graph(load: object) -> TypeGuard[BuildsGraph]:
    return isinstance(load, BuildsGraph)


def _load(parts: Sequence[Backbone], reach: Mapping[str, int], weights: Path | None) -> Network:
    require("A combination of networks", ("torch",))
    import torch

    networks = [part.load() for part in parts]
    deep = [at_depths(network) for network in networks[: reach[DEPTHS]]]
    plain = [(network.pooling, network.width) for network in networks[reach[DEPTHS] :]]
    modules = [module for module, _ in (*deep, *plain)]
    pooling = _module_class()(modules, [part.images for part in parts], reach[MIRRORED]).eval()
    if weights is not None:
        _load_tensors(pooling, weights)
    return Network(
        module=pooling,
        full=pooling,
        pooling=pooling,
        classifier=torch.nn.Identity().eval(),
        width=sum(width for _, width in (*deep, *plain)),
        recipe=recipes_of_parts([network.recipe for network in networks]),
    )


def at_depths(network: Network) -> tuple[nn.Module, int]:
    """Images to the pooled features of the last cuts, each of unit length, and their width."""
    cuts = network.cuts[-N_DEPTHS:]
    axes = [_channels(network.shapes[cut]) for cut in cuts]
    widths = [network.shapes[cut][axis] for cut, axis in zip(cuts, axes, strict=True)]
    return _depths_class()(network.features_at(cuts), axes).eval(), sum(widths)


def _channels(shape: tuple[int, ...]) -> int:
    """The axis of the channels: the first of a square map, else the last, as tokens have it."""
    square = len(shape) == 3 and shape[1] == shape[2]
    return 0 if square else len(shape) - 1


def _load_tensors(module: nn.Module, weights: Path) -> None:
    from safetensors.torch import load_file

    try:
        tensors = load_file(weights)
        # networks that were saved with their classifiers are built without them here
        module.load_state_dict({key: tensors[key] for key in module.state_dict()}, strict=True)
    except (RuntimeError, OSError, ValueError, KeyError) as error:
        raise BackboneError(
            f"The tensors in {weights.name} are not those of these networks.",
            remedy="Name the networks in the order in which the file was saved.",
        ) from error


@cache
def _depths_class() -> type[nn.Module]:
    import torch
    from torch import nn
    from torch.nn.functional import normalize

    class Depths(nn.Module):
        """Images to the means over all places of the features at several cuts, in a row."""

        def __init__(self, features: nn.Module, axes: Sequence[int]) -> None:
            super().__init__()
            self.features = features
            self.axes = list(axes)

        def forward(self, images: Tensor) -> Tensor:
            found = self.features(images)
            maps = found if isinstance(found, tuple) else (found,)
            return torch.cat([self._mean(m, a) for m, a in zip(maps, self.axes, strict=True)], 1)

        @staticmethod
        def _mean(values: Tensor, channels: int) -> Tensor:
            places = [i + 1 for i in range(values.ndim - 1) if i != channels]
            return normalize(values.mean(places) if places else values, dim=1)

    return Depths


@cache
def _module_class() -> type[nn.Module]:
    import torch
    from torch import nn
    from torch.nn.functional import interpolate, normalize

    class Concatenated(nn.Module):
        """Images ``(b, 3, h, w)`` in 0..1 to the vectors of all networks in a row."""

        def __init__(
            self, parts: Sequence[nn.Module], specs: Sequence[InputSpec], n_mirrored: int
        ) -> None:
            super().__init__()
            self.parts = nn.ModuleList(parts)
            self.sizes = [(spec.height, spec.width) for spec in specs]
            self.n_mirrored = n_mirrored
            for i, spec in enumerate(specs):
                mean, std = (torch.tensor(v).view(1, 3, 1, 1) for v in (spec.mean, spec.std))
                self.register_buffer(f"mean{i}", mean, persistent=False)
                self.register_buffer(f"std{i}", std, persistent=False)

        def forward(self, images: Tensor) -> Tensor:
            seen = [self._vectors(i, images) for i in range(len(self.parts))]
            return torch.cat(seen, dim=1)

        def _vectors(self, i: int, images: Tensor) -> Tensor:
            if tuple(images.shape[2:]) != self.sizes[i]:
                images = interpolate(
                    images, self.sizes[i], mode="bilinear", antialias=True, align_corners=False
                )
            values = (images - getattr(self, f"mean{i}")) / getattr(self, f"std{i}")
            vectors = normalize(self.parts[i](values), dim=1)
            if i < self.n_mirrored:
                vectors = vectors + normalize(self.parts[i](values.flip(3)), dim=1)
            return normalize(vectors, dim=1)

    return Concatenated
