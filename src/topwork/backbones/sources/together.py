"""Several networks side by side as one: ``NAME+NAME``, and mirrored views: ``NAME+mirrored``."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from topwork.backbones.backbone import Backbone, InputSpec, Network
from topwork.errors import BackboneError

if TYPE_CHECKING:
    from torch import Tensor, nn

MIRRORED = "mirrored"
"""A part of a name that makes every network see the mirrored picture, too."""

SEPARATOR = "+"
_VERSION = "together-1"


def join(
    names: Sequence[str], weights: Path | None, resolve: Callable[[str], Backbone]
) -> Backbone:
    """Networks that look at one picture; their pooled vectors, each of unit length, in a row.

    The picture is decoded once, at the largest input of them, and resized inside the network for
    the others: what they see when they are trained on is what they see in a saved model.

    Parameters
    ----------
    names
        Of backbones, and ``mirrored``: then a vector is the mean of those of both views.
    weights
        A file with the tensors of all of them.
    resolve
        Finds a backbone by its name.

    Raises
    ------
    BackboneError
        There is no network among the names.
    """
    own = [name for name in names if name != MIRRORED]
    if not own or "" in own:
        raise BackboneError(
            f"{SEPARATOR.join(names)!r} names no network.",
            remedy="Join names by +, as in efficientnet_lite0+efficientnet_lite1+mirrored.",
        )
    parts = [resolve(name) for name in own]
    mirrored = MIRRORED in names
    known = own if weights else [part.name for part in parts]
    label = SEPARATOR.join([*known, *[MIRRORED] * mirrored])
    digest = hashlib.blake2b(f"{_VERSION} {mirrored}".encode(), digest_size=16)
    for part in parts:
        digest.update(part.fingerprint.encode())
    if weights is not None:
        digest.update(weights.read_bytes())
    return Backbone(
        name=label,
        fingerprint=digest.hexdigest(),
        input=_input([part.input for part in parts]),
        load=lambda: _load(parts, mirrored, weights),
    )


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


def _load(parts: Sequence[Backbone], mirrored: bool, weights: Path | None) -> Network:
    import torch

    networks = [part.load() for part in parts]
    pooling = _module_class()(
        [network.pooling for network in networks],
        [part.input for part in parts],
        mirrored,
    ).eval()
    if weights is not None:
        _load_tensors(pooling, weights)
    return Network(
        module=pooling,
        full=pooling,
        pooling=pooling,
        classifier=torch.nn.Identity().eval(),
        width=sum(network.width for network in networks),
    )


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
def _module_class() -> type[nn.Module]:
    import torch
    from torch import nn
    from torch.nn.functional import interpolate, normalize

    class Together(nn.Module):
        """Images ``(b, 3, h, w)`` in 0..1 to the vectors of all networks in a row."""

        def __init__(
            self, parts: Sequence[nn.Module], specs: Sequence[InputSpec], mirrored: bool
        ) -> None:
            super().__init__()
            self.parts = nn.ModuleList(parts)
            self.sizes = [(spec.height, spec.width) for spec in specs]
            self.mirrored = mirrored
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
            if self.mirrored:
                vectors = vectors + normalize(self.parts[i](values.flip(3)), dim=1)
            return normalize(vectors, dim=1)

    return Together
