"""Blocks of features as rows for heads: scales and weights learnt from some of the items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topwork.data import LabelTargets, NumberTargets, OrdinalTargets
from topwork.heads.blocks import Blocks, BlockScale, choose_weights

Float64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Block:
    """Features of one kind of n items.

    Parameters
    ----------
    name
        What people call it.
    features
        ``(n, d)``; rows of NaN where an item has none.
    unit
        Whether rows are scaled to length 1 first.
    standardise
        Whether columns are divided by their deviations; encoded columns weigh alike already.
    """

    name: str
    features: NDArray[Any]
    unit: bool = False
    standardise: bool = True

    def scale(self, rows: NDArray[np.intp]) -> BlockScale:
        """Its scale by some of the items."""
        return BlockScale.learn(self.features[rows], unit=self.unit, standardise=self.standardise)


@dataclass(frozen=True, eq=False)
class BlockRows:
    """Blocks side by side, for heads that learn from part of the items.

    Parameters
    ----------
    blocks
        At least one.
    targets
        What the weights are chosen by, ``(n, t)``: those of the items to learn from only.
    groups
        Group of each item, ``(n,)``.
    """

    blocks: tuple[Block, ...]
    targets: Float64
    groups: NDArray[np.integer] | None = None

    standardised = False

    def __len__(self) -> int:
        return len(self.targets)

    def blocks_of(self, rows: NDArray[np.intp]) -> Blocks:
        """Scales and weights by some of the items."""
        scales = tuple(block.scale(rows) for block in self.blocks)
        scaled = [
            scale.scaled(block.features[rows])
            for scale, block in zip(scales, self.blocks, strict=True)
        ]
        groups = None if self.groups is None else self.groups[rows]
        return Blocks(scales, choose_weights(scaled, self.targets[rows], groups))

    def learnt_on(self, rows: NDArray[np.intp]) -> NDArray[np.float32]:
        """Of all n items, ``(n, d_1 + ... + d_b)``."""
        return self.blocks_of(rows).rows([block.features for block in self.blocks])


def weighed_by(targets: Any) -> Float64:
    """Targets of any task as columns ``(n, t)`` that squared errors suit.

    Numbers by their ranks, which no scale of theirs changes.

    Examples
    --------
    >>> from topwork.data import ClassTargets
    >>> weighed_by(ClassTargets.from_labels(["a", "b", "a"])).tolist()
    [[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]
    """
    if isinstance(targets, NumberTargets):
        _, places, counts = np.unique(targets.numbers, return_inverse=True, return_counts=True)
        ranks = np.cumsum(counts) - (counts + 1) / 2
        return np.asarray(ranks[places][:, None], np.float64)
    if isinstance(targets, OrdinalTargets):
        return np.asarray(targets.codes[:, None], np.float64)
    if isinstance(targets, LabelTargets):
        return np.asarray(targets.presence == 1, np.float64)
    return np.asarray(np.eye(len(targets.labels))[targets.codes], np.float64)
