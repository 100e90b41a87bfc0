"""What identifies a network wherever it is loaded."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor, nn


def fingerprint(architecture: str, model: nn.Module) -> str:
    """Hexadecimal, from what describes the architecture and from every tensor."""
    return _of_tensors(architecture, model.state_dict())


def trained_fingerprint(name: str, tensors: Mapping[str, Tensor]) -> str:
    """The same of a network that was trained further: found again from its saved tensors alone.

    Parameters
    ----------
    name
        That of the backbone; a file with weights behind it doesn't count.
    tensors
        All of the network's.
    """
    return _of_tensors(f"trained {name.partition('@')[0]}", dict(sorted(tensors.items())))


def _of_tensors(architecture: str, tensors: Mapping[str, Tensor]) -> str:
    digest = hashlib.blake2b(architecture.encode(), digest_size=16)
    for key, tensor in tensors.items():
        digest.update(f"{key}{tuple(tensor.shape)}{tensor.dtype}".encode())
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()
