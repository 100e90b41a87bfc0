"""A backbone with some of its tensors trained further."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from topwork.backbones.backbone import Backbone, Network
from topwork.backbones.fingerprint import trained_fingerprint

if TYPE_CHECKING:
    from torch import Tensor


def with_weights(backbone: Backbone, tensors: Mapping[str, Tensor]) -> Backbone:
    """``backbone`` with these tensors in place of its own.

    It keeps its name, because a saved model finds the architecture by it. Its fingerprint is that
    of all of its tensors, by which the network of a saved model is found to be the same.

    Parameters
    ----------
    tensors
        By the names that ``Network.module`` gives them.
    """
    before = backbone.load().module.state_dict()
    own = {name: tensor.to(before[name]) for name, tensor in tensors.items() if name in before}
    found = trained_fingerprint(backbone.name, {**before, **own})
    return replace(backbone, fingerprint=found, load=partial(_load, backbone, dict(tensors)))


def _load(backbone: Backbone, tensors: Mapping[str, Tensor]) -> Network:
    network = backbone.load()
    unknown = network.module.load_state_dict(tensors, strict=False).unexpected_keys
    assert not unknown, f"{backbone.name} has no tensors {unknown[:3]}"
    return network
