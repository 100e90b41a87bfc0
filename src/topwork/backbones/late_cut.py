"""A cut by how much of the network lies behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from topwork.backbones.backbone import POOLED, Network

if TYPE_CHECKING:
    from torch import nn


def late_cut(network: Network, share: float) -> str | None:
    """The latest cut with this share of the parameters behind it, else the earliest.

    ``None`` where only the pooled vector can be had.
    """
    total = _parameters(network.pooling)
    names = [name for name in network.cuts if name != POOLED]
    enough = [n for n in names if _parameters(network.at(n).to_pooled) >= share * total]
    return enough[-1] if enough else next(iter(names), None)


def _parameters(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())
