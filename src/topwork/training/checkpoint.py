"""Where a run of the loop stands, in one file that is replaced as a whole after every epoch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from topwork.runtime import write_whole
from topwork.training.average import MovingAverage, Tensors, put

_VERSION = 1
_MOMENTS = ("exp_avg", "exp_avg_sq")


@dataclass(slots=True)
class TrainingPosition:
    """What the loop knows besides tensors.

    Parameters
    ----------
    epoch
        Epochs that are finished.
    step
        Steps that were taken.
    scores
        Held-out score of the start and after each epoch; empty without a judge.
    losses
        Mean training loss of each epoch.
    best_epoch
        Of which the best weights are; 0 for the start.
    seconds
        That training took.
    """

    epoch: int = 0
    step: int = 0
    scores: list[float] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    best_epoch: int = 0
    seconds: float = 0.0


class Checkpoint:
    """One safetensors file; numbers and lists lie as JSON in its header.

    One file, because two can't be replaced at once. Nothing random is kept: every epoch's
    generators come from the seed and the epoch's number.

    Parameters
    ----------
    file
        Its path.
    purpose
        What identifies data and settings; a checkpoint of another purpose is not continued.
    """

    def __init__(self, file: Path, *, purpose: Mapping[str, Any]) -> None:
        self.file = file
        text = json.dumps({"version": _VERSION, **purpose}, sort_keys=True, default=str)
        self._purpose = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()

    def save(self, position: TrainingPosition, parts: TrainingState) -> None:
        """Replace the file."""
        from safetensors.torch import save

        header = {"purpose": self._purpose, "standing": json.dumps(asdict(position))}
        data = save(parts.tensors(), metadata=header)
        self.file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(self.file, data, lasting=True)

    def load(self, parts: TrainingState) -> TrainingPosition | None:
        """Bring the parts to where the file's run stood; None where there is none of it."""
        from safetensors import safe_open

        if not self.file.exists():
            return None
        with safe_open(self.file, framework="pt") as opened:
            header = opened.metadata() or {}
            if header.get("purpose") != self._purpose:
                return None
            tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
        position = TrainingPosition(**json.loads(header["standing"]))
        parts.restore(tensors, position)
        return position

    def clear(self) -> None:
        """Remove the file."""
        self.file.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True, eq=False)
class TrainingState:
    """Everything with tensors that a run consists of.

    Parameters
    ----------
    parameters
        What is trained, by name.
    average
        Their moving average.
    optimiser
        AdamW over them.
    best
        The best weights so far.
    """

    parameters: dict[str, nn.Parameter]
    average: MovingAverage
    optimiser: torch.optim.Optimizer
    best: Tensors

    def tensors(self) -> Tensors:
        """All of it under one set of names."""
        named: Tensors = {}
        for name, parameter in self.parameters.items():
            named[f"weight/{name}"] = parameter.detach()
            named[f"average/{name}"] = self.average.values[name]
            named[f"best/{name}"] = self.best[name]
            for moment in _MOMENTS:
                # what no output depends on, such as a classifier that is left out, has none
                found = self.optimiser.state[parameter].get(moment)
                named[f"{moment}/{name}"] = torch.zeros_like(parameter) if found is None else found
        # save() wants rows one after another; what has channels last gets them last again
        return {k: v.cpu().contiguous() for k, v in named.items()}

    def restore(self, tensors: Mapping[str, Tensor], position: TrainingPosition) -> None:
        """Take over tensors that another run's `tensors` gave after so many steps."""

        def part(prefix: str) -> Tensors:
            return {name: tensors[f"{prefix}/{name}"] for name in self.parameters}

        put(self.parameters, part("weight"))
        put(self.average.values, part("average"))
        put(self.best, part("best"))
        self.average.steps = position.step
        for name, parameter in self.parameters.items():
            state: dict[str, Tensor] = {"step": torch.tensor(float(position.step))}
            for moment in _MOMENTS:
                state[moment] = torch.empty_like(parameter).copy_(tensors[f"{moment}/{name}"])
            self.optimiser.state[parameter] = state
