"""Engine ``torch``: the eager network, on a GPU where there is one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from topwork.backbones.backbone import Backbone
from topwork.backbones.engines.engine import BATCH, Features, Images, Precision, Tag, padded
from topwork.backbones.engines.preprocess import from_uint8

if TYPE_CHECKING:
    from torch import Tensor

GPU_BATCH = 128
"""Items a batch on a GPU, which a few don't keep busy."""


def has_gpu() -> bool:
    """Whether torch can use an NVIDIA GPU; torch is only asked where a driver is loaded."""
    if not Path("/proc/driver/nvidia/version").exists():
        return False
    import torch

    return torch.cuda.is_available()


class TorchEngine:
    """Runs a backbone as torch runs it: bfloat16 on a GPU, float32 elsewhere."""

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
        import torch

        self.device = torch.device("cuda" if has_gpu() else "cpu")
        self.batch = batch or (GPU_BATCH if self.device.type == "cuda" else BATCH)
        half = self.device.type == "cuda" if precision == "auto" else precision == "bfloat16"
        self.precision = "bfloat16" if half else "float32"
        module = from_uint8(backbone.load().features_at((cut, *also)), backbone.input)
        self._module = module.to(self.device).to(memory_format=torch.channels_last)

    def run(self, batches: Iterable[tuple[Tag, Images]]) -> Iterator[tuple[Tag, list[Features]]]:
        waiting: tuple[Tag, int, list[Tensor]] | None = None
        for tag, images in batches:
            # a GPU goes on with this batch while the one before is fetched
            started = tag, len(images), self._started(images)
            if waiting is not None:
                yield _fetched(waiting)
            waiting = started
        if waiting is not None:
            yield _fetched(waiting)

    def _started(self, images: Images) -> list[Tensor]:
        import torch

        half = self.precision == "bfloat16"
        pixels = torch.from_numpy(padded(images, self.batch))
        if self.device.type == "cuda":
            pixels = pixels.pin_memory()
        with torch.inference_mode(), torch.autocast(self.device.type, torch.bfloat16, half):
            answer = self._module(pixels.to(self.device, non_blocking=True))
        return list(answer) if isinstance(answer, tuple) else [answer]


def _fetched(batch: tuple[Tag, int, list[Tensor]]) -> tuple[Tag, list[Features]]:
    tag, n, outputs = batch
    return tag, [output[:n].float().cpu().numpy().astype(np.float32) for output in outputs]
