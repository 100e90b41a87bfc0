"""Strategies ``full`` and ``lora`` as rungs: trained on pixels, through the whole network."""

from __future__ import annotations

import copy
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from topwork.errors import BackboneError
from topwork.inductive.ground import Ground
from topwork.inductive.rungs.partial import probe_on
from topwork.inductive.rungs.tuner import Interrupted, Rows, Wait
from topwork.inductive.trial import Trial, targets_of
from topwork.model.card import Strategy
from topwork.training.settings import LoopSettings

if TYPE_CHECKING:
    from torch import nn

    from topwork.training.batches import Batches
    from topwork.training.checkpoint import Checkpoint
    from topwork.training.fits import TunedFit
    from topwork.training.objectives import Objective

FULL = "the whole network trained"
LORA = "low-rank changes to attention"

PLANS = (1.0, 0.5)
"""Shares of a strategy's usual epochs."""

_TIMED = 8
_CHUNK = 32


@dataclass(eq=False)
class PixelTuner:
    """Trains a whole network, or adapters in it, on augmented pictures.

    Parameters
    ----------
    first
        The probe, on a single network.
    strategy
        ``full``, or ``lora`` for transformers.
    """

    first: Trial
    ground: Ground
    strategy: Strategy
    _epochs: int = 0

    @property
    def name(self) -> str:
        return LORA if self.strategy == "lora" else FULL

    def unsuited(self) -> str:
        if self.first.head.head != "logistic":
            return "there are too few labels to train on"
        if not any(True for _ in self._pooling.parameters()):
            return "there is nothing in it to train"
        if self.strategy == "lora":
            from topwork.training.lora import attention_projections

            try:
                attention_projections(self._pooling)
            except BackboneError:
                return "the network has no attention to adapt"
        return ""

    @property
    def n_plans(self) -> int:
        return len(PLANS)

    def wait(self, plan: int) -> Wait:
        # vectors of all items after each fit, forwards only, are half an epoch
        return Wait(0.0, (self._epochs_of(plan) + 0.5) * self._seconds_an_item)

    def prepare(self, plan: int) -> str:
        self._epochs = self._epochs_of(plan)
        return ""

    def purpose(self) -> Mapping[str, object]:
        return {"settings": asdict(self._settings), "weight": self.ground.settings.class_weight}

    def fit(self, rows: Rows, start: TunedFit | None, folder: Path | None) -> TunedFit:
        from topwork.backbones.cuts.part import WRAPPED
        from topwork.training.fits import TunedFit

        head = start.head if start else probe_on(self.first, rows, self.ground)
        pooling = copy.deepcopy(self._pooling)
        if start:
            _put(pooling, start.tensors)
        trained, fit = self._trained(pooling, head, rows, folder)
        if trained.ending == "interrupted":
            raise Interrupted
        if folder:
            self._checkpoint_file(folder).unlink(missing_ok=True)
        tensors = {
            name.removeprefix(WRAPPED): tensor for name, tensor in fit.pooled.state_dict().items()
        }
        return TunedFit(tensors, fit.head)

    def vectors(self, fit: TunedFit) -> NDArray[np.float32]:
        import torch

        from topwork.training.pixels import FromPixels

        pooling, spec = copy.deepcopy(self._pooling), self.first.frozen.opened.backbone.pictures
        _put(pooling, fit.tensors)
        model = FromPixels(pooling, spec.mean, spec.std).eval()
        parts = []
        with torch.inference_mode():
            for begin in range(0, len(self.ground.data), _CHUNK):
                rows = range(begin, min(begin + _CHUNK, len(self.ground.data)))
                images = torch.from_numpy(np.stack([self._decode(row) for row in rows]))
                parts.append(model(images.permute(0, 3, 1, 2)).float().numpy())
        return np.concatenate(parts)

    def _trained(
        self, pooling: nn.Module, head: Any, rows: Rows, folder: Path | None
    ) -> tuple[Any, Any]:
        """How training went, and what came of it."""
        from torch import nn

        from topwork.training.full import fit_full
        from topwork.training.lora import fit_lora
        from topwork.training.pixels import FromPixels

        spec = self.first.frozen.opened.backbone.pictures
        shared: dict[str, Any] = {
            "settings": self._settings,
            "checkpoint": self._checkpoint(rows, folder),
            "progress": self.ground.steps(self.name.capitalize()),
        }
        batches, objective = self._batches(rows), self._objective(rows)
        if self.strategy == "full":
            full = fit_full(
                pooling,
                nn.Identity(),
                head,
                batches,
                objective,
                mean=spec.mean,
                std=spec.std,
                **shared,
            )
            return full.trained, replace(full, pooled=full.pooled[0])  # type: ignore[index]
        lora = fit_lora(
            FromPixels(pooling, spec.mean, spec.std), head, batches, objective, **shared
        )
        return lora.trained, replace(lora, pooled=lora.pooled.network)  # type: ignore[arg-type]

    def _batches(self, rows: Rows) -> Batches:
        from topwork.training.pixels import PixelBatches, standard_augmentation

        spec = self.first.frozen.opened.backbone.pictures
        return PixelBatches(
            self._decode,
            rows,
            targets_of(self.first.frozen).codes,
            augment=standard_augmentation(spec.height, spec.width),
        )

    def _objective(self, rows: Rows) -> Objective:
        from topwork.training.objectives import CrossEntropy, class_weights

        codes, k = targets_of(self.first.frozen).codes, self.ground.data.n_classes
        balanced = self.ground.settings.class_weight == "balanced"
        return CrossEntropy(0.0, 0.0, class_weights(codes[rows], k) if balanced else None)

    def _checkpoint(self, rows: Rows, folder: Path | None) -> Checkpoint | None:
        from topwork.training.checkpoint import Checkpoint

        if folder is None:
            return None
        # the folder's own name tells the items apart
        purpose = {"folder": folder.name, "rows": len(rows), **self.purpose()}
        return Checkpoint(self._checkpoint_file(folder), purpose=purpose)

    def _checkpoint_file(self, folder: Path) -> Path:
        return folder / f"{self.strategy}.safetensors"

    def _decode(self, row: int) -> NDArray[np.uint8]:
        data = self.ground.data
        content = data.kind.read(data.items[row])
        return np.asarray(data.kind.decode(content, self.first.frozen.opened.framing))

    @cached_property
    def _pooling(self) -> nn.Module:
        return self.first.frozen.opened.backbone.load().pooling

    @cached_property
    def _seconds_an_item(self) -> float:
        import torch

        spec = self.first.frozen.opened.backbone.pictures
        model = copy.deepcopy(self._pooling).requires_grad_(True)
        images = torch.zeros(_TIMED, 3, spec.height, spec.width)
        model(images).sum().backward()
        begun = time.monotonic()
        model(images).sum().backward()
        return (time.monotonic() - begun) / _TIMED

    def _epochs_of(self, plan: int) -> int:
        return max(1, round(PLANS[plan] * self._loop.epochs))

    @property
    def _loop(self) -> LoopSettings:
        from topwork.training.full import FULL_LOOP
        from topwork.training.lora import LORA_LOOP

        return LORA_LOOP if self.strategy == "lora" else FULL_LOOP

    @property
    def _settings(self) -> LoopSettings:
        return replace(self._loop, epochs=self._epochs or self._loop.epochs)


def _put(pooling: nn.Module, tensors: Mapping[str, Any]) -> None:
    """Load tensors that go by the network's own names into what pools its features."""
    from topwork.backbones.cuts.part import WRAPPED

    own = pooling.state_dict()
    named = {
        name: tensors[name.removeprefix(WRAPPED)]
        for name in own
        if name.removeprefix(WRAPPED) in tensors
    }
    assert len(named) == len(tensors), "a part keeps the names of the whole"
    pooling.load_state_dict({**own, **named})
