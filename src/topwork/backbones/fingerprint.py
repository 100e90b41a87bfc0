"""What identifies a network wherever it is loaded."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
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


def file_fingerprint(architecture: str, file: Path) -> str:
    """The same from the bytes of a file with weights, which are read once while it stays as it is.

    Parameters
    ----------
    architecture
        What describes the network besides its weights.
    """
    now = file.stat()
    return _of_file(architecture, file, now.st_size, now.st_mtime_ns)


@lru_cache(maxsize=16)
def _of_file(architecture: str, file: Path, size: int, changed: int) -> str:  # noqa: ARG001
    digest = hashlib.blake2b(architecture.encode(), digest_size=16)
    with file.open("rb") as stream:
        while block := stream.read(2**20):
            digest.update(block)
    return digest.hexdigest()


def _of_tensors(architecture: str, tensors: Mapping[str, Tensor]) -> str:
    digest = hashlib.blake2b(architecture.encode(), digest_size=16)
    for key, tensor in tensors.items():
        digest.update(f"{key}{tuple(tensor.shape)}{tensor.dtype}".encode())
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()
