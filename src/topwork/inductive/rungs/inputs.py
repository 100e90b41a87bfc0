"""How items reach a network that is trained from its inputs on: pictures, or texts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from topwork.inductive.rungs.tuner import Rows
from topwork.inductive.trial import Trial, targets_of
from topwork.model.card import Strategy
from topwork.training.settings import LoopSettings

if TYPE_CHECKING:
    from torch import nn

    from topwork.training.batches import Batches

_CHUNK = 32
"""Items that only go forwards at once."""


class TrainingInputs(Protocol):
    """What differs between kinds of items where a network is trained on them."""

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
        """A few items that together take as long as others."""
        ...

    def vectors(self, module: nn.Module, rows: Rows) -> NDArray[np.float32]:
        """What such a module gives for these items as they are, ``(m, d)``."""
        ...


def inputs_of(first: Trial) -> TrainingInputs:
    """Of the items of the probe."""
    return Pictures(first) if first.frozen.data.kind.name == "image" else Texts(first)


@dataclass(eq=False)
class Pictures:
    """Pictures, decoded anew every epoch and changed a little."""

    first: Trial

    def loop(self, strategy: Strategy) -> LoopSettings:
        from topwork.training.full import FULL_LOOP
        from topwork.training.lora import LORA_LOOP

        return LORA_LOOP if strategy == "lora" else FULL_LOOP

    def around(self, pooling: nn.Module) -> nn.Module:
        from topwork.training.pixels import FromPixels

        spec = self.first.frozen.opened.backbone.pictures
        return FromPixels(pooling, spec.mean, spec.std)

    def inside(self, module: nn.Module) -> nn.Module:
        return module.get_submodule("network")

    def held(self, module: nn.Module, strategy: Strategy) -> Collection[str]:  # noqa: ARG002
        return ()

    def batches(self, rows: Rows, strategy: Strategy) -> Batches:  # noqa: ARG002
        from topwork.training.pixels import PixelBatches, standard_augmentation

        spec = self.first.frozen.opened.backbone.pictures
        return PixelBatches(
            self._decode,
            rows,
            targets_of(self.first.frozen).codes,
            augment=standard_augmentation(spec.height, spec.width),
        )

    def usual(self) -> Rows:
        return np.arange(min(8, len(self.first.frozen.data)))

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


@dataclass(eq=False)
class Texts:
    """Texts, whose tokens are kept: they take less memory than the texts."""

    first: Trial

    def loop(self, strategy: Strategy) -> LoopSettings:
        from topwork.training.text_loops import TEXT_LOOPS, for_texts

        return for_texts(TEXT_LOOPS[strategy], len(self.first.frozen.data))

    def around(self, pooling: nn.Module) -> nn.Module:
        from topwork.training.freezing import without_dropout

        return without_dropout(pooling)

    def inside(self, module: nn.Module) -> nn.Module:
        return module

    def held(self, module: nn.Module, strategy: Strategy) -> Collection[str]:
        from topwork.training.freezing import before_last, looked_up
        from topwork.training.text_loops import LAST

        words = looked_up(module)
        return words | before_last(module, LAST) if strategy == "partial" else words

    def batches(self, rows: Rows, strategy: Strategy) -> Batches:
        from topwork.training.pairs import ClassBatches
        from topwork.training.tokens import TokenBatches

        make = ClassBatches if strategy == "pairs" else TokenBatches
        return make(self._tokens, rows, targets_of(self.first.frozen).codes)

    def usual(self) -> Rows:
        """As many short ones as there are, and as many long ones."""
        order = np.argsort([len(text) for text in self._tokens], kind="stable")
        most = min(64, len(order))
        return np.asarray(order[np.linspace(0, len(order) - 1, most).round().astype(int)])

    def vectors(self, module: nn.Module, rows: Rows) -> NDArray[np.float32]:
        import torch

        from topwork.training.device import Device
        from topwork.training.tokens import filled

        device = Device("auto")
        module = module.to(device.device)
        order = np.argsort([len(self._tokens[row]) for row in rows], kind="stable")
        parts = []
        with torch.inference_mode(), device.autocast():
            for begin in range(0, len(rows), _CHUNK):
                some = rows[order[begin : begin + _CHUNK]]
                inputs = filled([self._tokens[row] for row in some])
                parts.append(module(inputs.to(device.device)).float().cpu().numpy())
        found = np.concatenate(parts)
        back = np.empty_like(order)
        back[order] = np.arange(len(order))
        return np.asarray(found[back], np.float32)

    @cached_property
    def _tokens(self) -> list[NDArray[np.int32]]:
        n = len(self.first.frozen.data)
        return [np.asarray(decoded(self.first, row), np.int32) for row in range(n)]


def decoded(first: Trial, row: int) -> NDArray[np.generic]:
    """An item of the probe's as its network takes it."""
    data, opened = first.frozen.data, first.frozen.opened
    found: NDArray[np.generic] = data.kind.decode(
        data.kind.read(data.items[row]), opened.preparation
    )
    return found
