"""Engine ``torch``: the eager network, on a GPU where there is one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from topwork.backbones.backbone import Backbone
from topwork.backbones.engines.engine import BATCH, Features, Inputs, Precision, Tag, padded
from topwork.backbones.engines.precision import forced_precision
from topwork.backbones.engines.preprocess import behind_input
from topwork.installation import require
from topwork.runtime.device import AUTO, check_there, chosen_device, has_gpu

if TYPE_CHECKING:
    import torch
    from torch import Tensor

GPU_BATCH = 128
"""Items a batch on a GPU, which a few don't keep busy."""


def torch_device() -> torch.device:
    """Where networks of torch run here.

    Raises
    ------
    ParameterError
        The GPU that is asked for isn't there.
    """
    import torch

    chosen = chosen_device()
    check_there(chosen)
    if chosen == AUTO:
        return torch.device("cuda" if has_gpu() else "cpu")
    return torch.device(chosen)


class TorchEngine:
    """Runs a backbone as torch runs it: by itself bfloat16 on a GPU, float32 elsewhere."""

    name = "torch"

    def __init__(
        self,
        backbone: Backbone,
        *,
        cut: str,
        also: tuple[str, ...] = (),
        batch: int | None = None,
        precision: Precision = "auto",
    ) -> None:
        require("The engine torch", ("torch",))
        import torch

        self.device = torch_device()
        self.batch = batch or (GPU_BATCH if self.device.type == "cuda" else BATCH)
        if precision == "auto":
            fast: Precision = "bfloat16" if self.device.type == "cuda" else "float32"
            precision = forced_precision() or fast
        self.precision: str = precision
        self._of = backbone, cut, also, precision
        module = behind_input(backbone.load().features_at((cut, *also)), backbone.input)
        self._module = module.to(self.device).to(memory_format=torch.channels_last)

    def __reduce__(self) -> tuple[Any, ...]:
        """Another process loads the network again."""
        backbone, cut, also, precision = self._of
        again = partial(TorchEngine, cut=cut, also=also, batch=self.batch, precision=precision)
        return again, (backbone,)

    def run(self, batches: Iterable[tuple[Tag, Inputs]]) -> Iterator[tuple[Tag, list[Features]]]:
        waiting: tuple[Tag, int, list[Tensor]] | None = None
        for tag, inputs in batches:
            # a GPU goes on with this batch while the one before is fetched
            started = tag, len(inputs), self._started(inputs)
            if waiting is not None:
                yield _fetched(waiting)
            waiting = started
        if waiting is not None:
            yield _fetched(waiting)

    def _started(self, inputs: Inputs) -> list[Tensor]:
        import torch

        half = self.precision == "bfloat16"
        batch = torch.from_numpy(padded(inputs, self.batch))
        if self.device.type == "cuda":
            batch = batch.pin_memory()
        with torch.inference_mode(), torch.autocast(self.device.type, torch.bfloat16, half):
            answer = self._module(batch.to(self.device, non_blocking=True))
        return list(answer) if isinstance(answer, tuple) else [answer]


def _fetched(batch: tuple[Tag, int, list[Tensor]]) -> tuple[Tag, list[Features]]:
    tag, n, outputs = batch
    return tag, [output[:n].float().cpu().numpy().astype(np.float32) for output in outputs]
