"""What identifies a network wherever it is loaded."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import nn


def fingerprint(architecture: str, model: nn.Module) -> str:
    """Hexadecimal, from what describes the architecture and from every tensor."""
    digest = hashlib.blake2b(architecture.encode(), digest_size=16)
    for key, tensor in model.state_dict().items():
        digest.update(f"{key}{tuple(tensor.shape)}{tensor.dtype}".encode())
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()
