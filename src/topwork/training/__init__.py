"""Training: one loop, its objectives and batches, and the strategies on it.

Importing this loads no torch; each name loads what it needs when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from topwork.training.settings import LoopSettings, TrainingPrecision
from topwork.training.strategies.partial_settings import PartialSettings

if TYPE_CHECKING:
    from topwork.training.batches import ActivationBatches, Batch, Batches
    from topwork.training.checkpoint import Checkpoint
    from topwork.training.loop import Trained, train
    from topwork.training.objectives import CrossEntropy, Objective, Towards
    from topwork.training.pixels import PixelBatches, standard_augmentation
    from topwork.training.strategies.full import FullFit, fit_full
    from topwork.training.strategies.lora import LoraFit, LoraSettings, fit_lora
    from topwork.training.strategies.partial import PartialFit, fit_partial, logits_of

_HOME = {
    "ActivationBatches": "batches",
    "Batch": "batches",
    "Batches": "batches",
    "Checkpoint": "checkpoint",
    "CrossEntropy": "objectives",
    "FullFit": "strategies.full",
    "LoraFit": "strategies.lora",
    "LoraSettings": "strategies.lora",
    "Objective": "objectives",
    "PartialFit": "strategies.partial",
    "PixelBatches": "pixels",
    "Towards": "objectives",
    "Trained": "loop",
    "fit_full": "strategies.full",
    "fit_lora": "strategies.lora",
    "fit_partial": "strategies.partial",
    "logits_of": "strategies.partial",
    "standard_augmentation": "pixels",
    "train": "loop",
}

__all__ = [
    "ActivationBatches",
    "Batch",
    "Batches",
    "Checkpoint",
    "CrossEntropy",
    "FullFit",
    "LoopSettings",
    "LoraFit",
    "LoraSettings",
    "Objective",
    "PartialFit",
    "PartialSettings",
    "PixelBatches",
    "Towards",
    "Trained",
    "TrainingPrecision",
    "fit_full",
    "fit_lora",
    "fit_partial",
    "logits_of",
    "standard_augmentation",
    "train",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'topwork.training' has no attribute {name!r}")
    return getattr(import_module(f"topwork.training.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
