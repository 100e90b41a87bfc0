"""How texts reach a network that is trained on them."""

from __future__ import annotations

import copy
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from topwork.backbones.engines.engine import relative_difference
from topwork.search.rungs.inputs import decoded
from topwork.search.rungs.tuner import Rows, given_fields
from topwork.settings.choices import Strategy
from topwork.training.settings import LoopSettings
from topwork.trials.trial import Trial, targets_of

if TYPE_CHECKING:
    from torch import nn

    from topwork.training.batches import Batches
    from topwork.training.tokens import Tokens

_CHUNK = 32
"""Texts that only go forwards at once."""

MAX_IN_PAIRS = 64
"""Labels of the rarest class up to which pairs are worth their time."""

_ROUNDED = 0.02
"""What half precision may change at most."""

MAX_BYTES = 2 << 30
"""That states of texts may take in memory."""


@dataclass(eq=False)
class Texts:
    """Texts, whose tokens are kept: they take less memory than the texts."""

    first: Trial
    stored_epochs: float = 0.0
    plans: ClassVar[tuple[float, ...]] = (1.0, 2 / 3, 1 / 3)  # a single pass is worth its time

    def __getstate__(self) -> dict[str, object]:
        return given_fields(self)

    def unsuited(self, strategy: Strategy) -> str:
        rarest = int(targets_of(self.first.frozen).counts().min())
        if strategy == "pairs" and rarest > MAX_IN_PAIRS:
            return f"there are more than {MAX_IN_PAIRS} labels of each class"
        return ""

    def loop(self, strategy: Strategy) -> LoopSettings:
        from topwork.training.strategies.text_loops import TEXT_LOOPS, for_texts

        return for_texts(TEXT_LOOPS[strategy], len(self.first.frozen.data))

    def around(self, pooling: nn.Module) -> nn.Module:
        from topwork.training.freezing import without_dropout

        return without_dropout(pooling)

    def inside(self, module: nn.Module) -> nn.Module:
        return module

    def held(self, module: nn.Module, strategy: Strategy) -> Collection[str]:
        from topwork.training.freezing import looked_up
        from topwork.training.strategies.late_blocks import not_late
        from topwork.training.strategies.text_loops import LAST

        return not_late(module, LAST) if strategy == "partial" else looked_up(module)

    def batches(self, rows: Rows, strategy: Strategy) -> Batches:
        from topwork.training.strategies.pairs import ClassBatches
        from topwork.training.tokens import TokenBatches

        make = ClassBatches if strategy == "pairs" else TokenBatches
        return make(self.given(rows), rows, targets_of(self.first.frozen).codes)

    def given(self, rows: Rows) -> Tokens:  # noqa: ARG002
        """What the network takes of each text; only these rows are asked for."""
        return self._tokens

    def usual(self) -> Rows:
        """A batch of medium length: work grows with length, and batches are of like length."""
        lengths = np.array([len(text) for text in self._tokens])
        order = np.argsort(lengths, kind="stable")
        first = np.searchsorted(lengths[order], lengths.mean())
        begin = max(0, min(first, len(order) - _CHUNK))
        return np.asarray(order[begin : begin + _CHUNK])

    def vectors(self, module: nn.Module, rows: Rows) -> NDArray[np.float32]:
        import torch

        from topwork.training.device import Device
        from topwork.training.tokens import filled

        device, given = Device("auto"), self.given(rows)
        module = module.to(device.device)
        order = np.argsort([len(self._tokens[row]) for row in rows], kind="stable")
        parts = []
        with torch.inference_mode(), device.autocast():
            for begin in range(0, len(rows), _CHUNK):
                some = rows[order[begin : begin + _CHUNK]]
                inputs = filled([given[row] for row in some])
                parts.append(module(inputs.to(device.device)).float().cpu().numpy())
        found = np.concatenate(parts)
        back = np.empty_like(order)
        back[order] = np.arange(len(order))
        return np.asarray(found[back], np.float32)

    @cached_property
    def _tokens(self) -> list[NDArray[np.int32]]:
        n = len(self.first.frozen.data)
        return [np.asarray(decoded(self.first, row), np.int32) for row in range(n)]


@dataclass(eq=False)
class LateTexts(Texts):
    """Texts as what the first blocks of the network give for their tokens, computed once."""

    stored_epochs: float = 0.7
    states: dict[int, NDArray[np.float16]] = field(default_factory=dict)

    def unsuited(self, strategy: Strategy) -> str:  # noqa: ARG002
        try:
            alike = self._early > 0 and self._answers_alike()
        except Exception:  # whatever foreign code does with a block that is left out
            alike = False
        if not alike:
            return "the network cannot be cut between its blocks"
        row = next(iter(self.states))
        width, n_tokens = self.states[row].shape[1], sum(len(t) for t in self._tokens)
        needed = 2 * width * n_tokens
        return f"it would take {needed / 1e9:.0f} GB of memory" if needed > MAX_BYTES else ""

    def _answers_alike(self) -> bool:
        """Whether the rest of the network gives for states what all of it gives for tokens."""
        rows = np.arange(min(2, len(self._tokens)))
        late = self.around(copy.deepcopy(self._pooling)).eval()
        plain = Texts(self.first)
        plain._tokens = self._tokens
        whole = plain.vectors(self._pooling, rows)
        return relative_difference(self.vectors(late, rows), whole) < _ROUNDED

    def around(self, pooling: nn.Module) -> nn.Module:
        from topwork.training.strategies.late_blocks import LateBlocks

        return LateBlocks(super().around(pooling), self._early)

    def inside(self, module: nn.Module) -> nn.Module:
        return module.get_submodule("network")

    def given(self, rows: Rows) -> Tokens:
        missing = [int(row) for row in rows if int(row) not in self.states]
        missing.sort(key=lambda row: len(self._tokens[row]))
        for begin in range(0, len(missing), _CHUNK):
            self._compute(missing[begin : begin + _CHUNK])
        return _Joined(self._tokens, self.states)

    def _compute(self, rows: list[int]) -> None:
        from topwork.training.device import Device
        from topwork.training.strategies.late_blocks import early_states
        from topwork.training.tokens import filled

        device = Device("auto")
        tokens = filled([self._tokens[row] for row in rows]).to(device.device)
        with device.autocast():
            found = early_states(self._pooling.to(device.device), self._early, tokens)
        for row, states in zip(rows, found.half().cpu().numpy(), strict=True):
            self.states[row] = states[: len(self._tokens[row])].copy()

    @cached_property
    def _pooling(self) -> nn.Module:
        return self.first.frozen.opened.backbone.load().pooling.eval()

    @cached_property
    def _early(self) -> int:
        from topwork.training.strategies.late_blocks import n_early
        from topwork.training.strategies.text_loops import LAST

        return n_early(self._pooling, LAST)


class _Joined(Sequence[NDArray[np.float32]]):
    """Token numbers and states side by side, ``(t, 1 + w)``, put together when asked for."""

    def __init__(self, tokens: Tokens, states: Mapping[int, NDArray[np.float16]]) -> None:
        self._tokens, self._states = tokens, states

    def __len__(self) -> int:
        return len(self._tokens)

    def __getitem__(self, row: Any) -> Any:
        numbers = np.asarray(self._tokens[row], np.float32)[:, None]
        return np.concatenate([numbers, self._states[int(row)].astype(np.float32)], axis=1)
