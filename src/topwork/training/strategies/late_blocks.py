"""The last blocks of a language model, trained from stored states of the blocks before them."""

from __future__ import annotations

from math import ceil
from typing import Any

import torch
from torch import Tensor, nn

from topwork.errors import BackboneError


def blocks_of(module: nn.Module) -> nn.ModuleList:
    """The blocks of a language model: its longest list of modules.

    Raises
    ------
    BackboneError
        It has none.
    """
    lists = [part for part in module.modules() if isinstance(part, nn.ModuleList)]
    if not lists:
        raise BackboneError(
            f"{type(module).__name__} has no blocks one behind the other.",
            remedy="Use strategy full for this backbone.",
            code="no_blocks",
        )
    return max(lists, key=len)


def n_early(module: nn.Module, share: float) -> int:
    """How many blocks come before the last ones, which are this share of all, one at least.

    Examples
    --------
    >>> n_early(nn.ModuleList(nn.Linear(1, 1) for _ in range(6)), 0.5)
    3
    """
    n = len(blocks_of(module))
    return n - max(1, ceil(share * n))


def not_late(module: nn.Module, share: float) -> set[str]:
    """Names of all parameters but those of the last blocks."""
    last = {
        id(p) for block in blocks_of(module)[n_early(module, share) :] for p in block.parameters()
    }
    return {name for name, p in module.named_parameters() if id(p) not in last}


@torch.inference_mode()
def early_states(pooled: nn.Module, early: int, tokens: Tensor) -> Tensor:
    """What the last of the early blocks gives for tokens ``(b, t)``: ``(b, t, w)``."""
    found: list[Tensor] = []

    def stop(module: nn.Module, inputs: Any, output: Tensor) -> None:  # noqa: ARG001
        found.append(output)
        raise _Reached

    hook = blocks_of(pooled)[early - 1].register_forward_hook(stop)
    try:
        pooled(tokens)
    except _Reached:
        pass
    finally:
        hook.remove()
    return found[0]


class LateBlocks(nn.Module):
    """A network whose first blocks are left out: it takes their states in place of tokens.

    Its parameters keep the names they have in the network.

    Parameters
    ----------
    network
        Tokens to the pooled vector; changed in place.
    early
        How many blocks are left out.
    """

    def __init__(self, network: nn.Module, early: int) -> None:
        super().__init__()
        self.network = network
        self._given = _Given()
        blocks = blocks_of(network)
        for i in range(early):
            blocks[i] = self._given if i == 0 else _Passing()

    def forward(self, states: Tensor) -> Tensor:
        """Token numbers and the states behind them ``(b, t, 1 + w)`` to the pooled vector."""
        self._given.states = states[..., 1:]
        vectors: Tensor = self.network(states[..., 0].int())
        self._given.states = None
        return vectors


class _Reached(Exception):
    """Nothing further is wanted of a pass through a network."""


class _Given(nn.Module):
    """A block that gives what it was given beforehand."""

    states: Tensor | None = None

    def forward(self, hidden: Tensor, *args: Any, **named: Any) -> Tensor:  # noqa: ARG002
        assert self.states is not None
        return self.states


class _Passing(nn.Module):
    """A block that changes nothing."""

    def forward(self, hidden: Tensor, *args: Any, **named: Any) -> Tensor:  # noqa: ARG002
        return hidden
