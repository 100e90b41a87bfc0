"""How items reach a network that is trained from its inputs on: images, or texts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from topwork.search.rungs.tuner import Rows
from topwork.settings.choices import Strategy
from topwork.training.settings import LoopSettings
from topwork.trials.trial import Trial, targets_of

if TYPE_CHECKING:
    from torch import nn

    from topwork.training.batches import Batches

_CHUNK = 32
"""Items that only go forwards at once."""


class TrainingInputs(Protocol):
    """What differs between kinds of items where a network is trained on them."""

    stored_epochs: float
    """What is computed once for all epochs and fits takes as long as so many epochs."""

    @property
    def plans(self) -> tuple[float, ...]:
        """Shares of a strategy's usual epochs that are worth their time."""
        ...

    def unsuited(self, strategy: Strategy) -> str:
        """Why the items can't be trained on in this way; empty where they can."""
        ...

    def loop(self, strategy: Strategy) -> LoopSettings:
        """The usual run."""
        ...

    def around(self, pooling: nn.Module) -> nn.Module:
        """The network behind what its batches need first; it may be changed in place."""
        ...

    def inside(self, module: nn.Module) -> nn.Module:
        """The network in such a module."""
        ...

    def held(self, module: nn.Module, strategy: Strategy) -> Collection[str]:
        """Names of the parameters of such a module that stay as they are."""
        ...

    def batches(self, rows: Rows, strategy: Strategy) -> Batches:
        """Of these items, anew every epoch."""
        ...

    def usual(self) -> Rows:
        """A few items that take about as long as others do."""
        ...

    def vectors(self, module: nn.Module, rows: Rows) -> NDArray[np.float32]:
        """What such a module gives for these items as they are, ``(m, d)``."""
        ...


@dataclass(eq=False)
class ImageInputs:
    """Images, decoded anew every epoch and changed a little."""

    first: Trial
    stored_epochs: float = 0.0
    plans: ClassVar[tuple[float, ...]] = (1.0, 0.5)

    def unsuited(self, strategy: Strategy) -> str:  # noqa: ARG002
        return ""

    def loop(self, strategy: Strategy) -> LoopSettings:
        from topwork.training.strategies.full import FULL_LOOP
        from topwork.training.strategies.lora import LORA_LOOP

        return LORA_LOOP if strategy == "lora" else FULL_LOOP

    def around(self, pooling: nn.Module) -> nn.Module:
        from topwork.training.pixels import FromPixels

        spec = self.first.frozen.opened.backbone.images
        return FromPixels(pooling, spec.mean, spec.std)

    def inside(self, module: nn.Module) -> nn.Module:
        return module.get_submodule("network")

    def held(self, module: nn.Module, strategy: Strategy) -> Collection[str]:  # noqa: ARG002
        return ()

    def batches(self, rows: Rows, strategy: Strategy) -> Batches:  # noqa: ARG002
        from topwork.training.pixels import PixelBatches, standard_augmentation

        spec = self.first.frozen.opened.backbone.images
        return PixelBatches(
            self._decode,
            rows,
            targets_of(self.first.frozen).codes,
            augment=standard_augmentation(spec.height, spec.width),
        )

    def usual(self) -> Rows:
        return np.arange(min(4, len(self.first.frozen.data)))

    def vectors(self, module: nn.Module, rows: Rows) -> NDArray[np.float32]:
        import torch

        parts = []
        with torch.inference_mode():
            for begin in range(0, len(rows), _CHUNK):
                some = [self._decode(int(row)) for row in rows[begin : begin + _CHUNK]]
                images = torch.from_numpy(np.stack(some)).permute(0, 3, 1, 2)
                parts.append(module(images).float().numpy())
        return np.concatenate(parts)

    def _decode(self, row: int) -> NDArray[np.uint8]:
        return np.asarray(decoded(self.first, row), np.uint8)


def decoded(first: Trial, row: int) -> NDArray[np.generic]:
    """An item of the probe's as its network takes it."""
    data, opened = first.frozen.data, first.frozen.opened
    found: NDArray[np.generic] = data.kind.decode(
        data.kind.read(data.items[row]), opened.preparation
    )
    return found
