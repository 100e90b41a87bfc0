"""A finished fit in one file, so that a run that was cut off needn't do it again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import save

from topwork.heads import LinearHead
from topwork.runtime import write_whole
from topwork.training.average import Tensors

_HEAD = "head/"
_NETWORK = "network/"


@dataclass(frozen=True, eq=False, slots=True)
class TunedFit:
    """Trained tensors of a network by its own names, and the head on it."""

    tensors: Tensors
    head: LinearHead

    def save(self, file: Path) -> None:
        """Replace the file as a whole."""
        arrays = {"weight": self.head.weight, "bias": self.head.bias}
        named = {
            f"{_HEAD}{k}": torch.from_numpy(np.ascontiguousarray(v)) for k, v in arrays.items()
        }
        named |= {f"{_NETWORK}{k}": v.detach().cpu().contiguous() for k, v in self.tensors.items()}
        file.parent.mkdir(parents=True, exist_ok=True)
        data = save(named, metadata={"normalise": str(int(self.head.normalise))})
        write_whole(file, data, lasting=True)

    @classmethod
    def load(cls, file: Path) -> TunedFit | None:
        """What `save` wrote; None where there is no such file."""
        if not file.exists():
            return None
        with safe_open(file, framework="pt") as opened:
            normalise = bool(int((opened.metadata() or {})["normalise"]))
            found = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
        head = LinearHead(
            found.pop(f"{_HEAD}weight").numpy(), found.pop(f"{_HEAD}bias").numpy(), normalise
        )
        return cls({k.removeprefix(_NETWORK): v for k, v in found.items()}, head)
