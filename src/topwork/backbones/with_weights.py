"""A backbone with some of its tensors trained further."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from topwork.backbones.backbone import Backbone, Network

if TYPE_CHECKING:
    from torch import Tensor


def with_weights(backbone: Backbone, tensors: Mapping[str, Tensor]) -> Backbone:
    """``backbone`` with these tensors in place of its own.

    It keeps its name, because a saved model finds the architecture by it, and has another
    fingerprint.

    Parameters
    ----------
    tensors
        By the names that ``Network.module`` gives them.
    """
    digest = hashlib.blake2b(backbone.fingerprint.encode(), digest_size=16)
    for name in sorted(tensors):
        digest.update(name.encode())
        digest.update(tensors[name].detach().cpu().contiguous().numpy().tobytes())

    def load() -> Network:
        network = backbone.load()
        unknown = network.module.load_state_dict(dict(tensors), strict=False).unexpected_keys
        assert not unknown, f"{backbone.name} has no tensors {unknown[:3]}"
        return network

    return replace(backbone, fingerprint=digest.hexdigest(), load=load)
