"""Engine ``torch``: the eager network, on a GPU where there is one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from topwork.backbones.backbone import Backbone
from topwork.backbones.engines.engine import BATCH, Features, Images, Precision, Tag, padded
from topwork.backbones.engines.preprocess import from_uint8


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
        batch: int = BATCH,
        precision: Precision = "auto",
    ) -> None:
        import torch

        self.batch = batch
        self.device = torch.device("cuda" if has_gpu() else "cpu")
        half = self.device.type == "cuda" if precision == "auto" else precision == "bfloat16"
        self.precision = "bfloat16" if half else "float32"
        module = from_uint8(backbone.load().features_at((cut, *also)), backbone.input)
        self._module = module.to(self.device).to(memory_format=torch.channels_last)

    def run(self, batches: Iterable[tuple[Tag, Images]]) -> Iterator[tuple[Tag, list[Features]]]:
        import torch

        half = self.precision == "bfloat16"
        for tag, images in batches:
            with torch.inference_mode(), torch.autocast(self.device.type, torch.bfloat16, half):
                pixels = torch.from_numpy(padded(images, self.batch))
                answer = self._module(pixels.to(self.device, non_blocking=True))
            outputs = answer if isinstance(answer, tuple) else (answer,)
            yield tag, [o[: len(images)].float().cpu().numpy().astype(np.float32) for o in outputs]
