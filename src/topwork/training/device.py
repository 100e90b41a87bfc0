"""What the loop runs on, in which precision, and how it does with less memory."""

from __future__ import annotations

import gc
import os
from contextlib import AbstractContextManager
from typing import Any

import torch
from torch import Tensor, nn

from topwork.backbones.engines.openvino import has_bfloat16
from topwork.backbones.engines.precision import forced_precision
from topwork.backbones.engines.torch import torch_device
from topwork.errors import UserError
from topwork.runtime.device import AUTO, chosen_device
from topwork.training.batches import Batch
from topwork.training.objectives import Objective
from topwork.training.settings import TrainingPrecision


class Device:
    """The device that is asked for, or what accelerate finds, and the precision there.

    Precision is autocast's own: accelerate holds one for the life of the process, and two fits
    of one process may want different ones.

    Parameters
    ----------
    precision
        As in `LoopSettings`.
    """

    def __init__(self, precision: TrainingPrecision) -> None:
        os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
        from accelerate import Accelerator

        self._accelerator: Any = Accelerator()
        asked = chosen_device()
        self.device: torch.device = self._accelerator.device if asked == AUTO else torch_device()
        if precision == "auto":
            fast: TrainingPrecision = "bfloat16" if _has_units(self.device) else "float32"
            precision = forced_precision() or fast
        self.bfloat16 = precision == "bfloat16"
        self._most: int | None = None

    @property
    def precision(self) -> str:
        return "bfloat16" if self.bfloat16 else "float32"

    @property
    def most(self) -> int | None:
        """Items computed at once since memory ran out; None if it never did."""
        return self._most

    @property
    def channels_last(self) -> bool:
        """How maps and kernels lie in memory.

        Last on accelerators and in bfloat16. A late stage in float32 on a processor runs 1.3 times
        faster the other way round, because of the backward pass of its normalisations; early
        stages don't, and get their pixels channels last from `FromPixels`.
        """
        return self.bfloat16 or self.device.type != "cpu"

    def place(self, module: nn.Module) -> None:
        """Move a module here."""
        module.to(self.device)
        if self.channels_last:
            module.to(memory_format=torch.channels_last)

    def autocast(self) -> AbstractContextManager[Any]:
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.bfloat16)

    def backward(self, module: nn.Module, objective: Objective, batch: Batch) -> Tensor:
        """Add the gradient of a batch's loss; when memory runs out, in halves of halves.

        Parts are weighted by their items, so the gradient is the same however often the batch is
        halved.

        Returns
        -------
        The loss, detached.

        Raises
        ------
        UserError
            Memory does not suffice for a single item.
        """
        while True:
            size = min(len(batch), self._most or len(batch))
            try:
                return self._backward_in_parts(module, objective, batch, size)
            except (RuntimeError, MemoryError) as error:
                if not _out_of_memory(error):
                    raise
                if size == 1:
                    raise UserError(
                        "There is not enough memory to train on a single item.",
                        remedy="Use a later cut or a smaller backbone.",
                        code="out_of_memory",
                    ) from error
                self._most = max(1, size // 2)
            module.zero_grad(set_to_none=True)
            self._free()

    def clip(self, module: nn.Module, most: float) -> float:
        """Scale the gradient down to a norm of at most ``most``; gives the norm it had."""
        return float(self._accelerator.clip_grad_norm_(module.parameters(), most))

    def _backward_in_parts(
        self, module: nn.Module, objective: Objective, batch: Batch, size: int
    ) -> Tensor:
        total = torch.zeros((), device=self.device)
        for part in batch.parts(size):
            with self.autocast():
                loss = objective.loss(
                    module, part.to(self.device, channels_last=self.channels_last)
                )
            share = loss * (len(part) / len(batch))
            self._accelerator.backward(share)
            total += share.detach()
        return total

    def _free(self) -> None:
        gc.collect()
        if self.device.type == "cuda":
            torch.cuda.empty_cache()


def _has_units(device: torch.device) -> bool:
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return device.type == "cpu" and has_bfloat16()


def _out_of_memory(error: RuntimeError | MemoryError) -> bool:
    from accelerate.utils.memory import should_reduce_batch_size

    return isinstance(error, MemoryError) or bool(should_reduce_batch_size(error))
