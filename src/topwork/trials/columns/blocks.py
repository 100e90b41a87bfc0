"""Candidates that learn from the columns beside items: alone, and together with a network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from topwork.features.columns import ColumnEncoding
from topwork.features.columns.beside import BesideHead
from topwork.features.opened_backbone import FrozenPart
from topwork.heads import LinearHead
from topwork.tasks.block_rows import Block, BlockRows, weighed_by
from topwork.trials.columns.further_columns import FurtherColumns

COLUMNS: Final = "the columns alone"


@dataclass(frozen=True, eq=False)
class SideBlocks:
    """Blocks of features, one of which are the columns, and how a head on them is kept.

    Parameters
    ----------
    name
        What people call the candidate.
    rows
        The blocks: the network's features first, where they are among them.
    encoding
        Of the columns.
    width
        Of the network's features.
    together
        Whether they are among them.
    """

    name: str
    rows: BlockRows
    encoding: ColumnEncoding
    width: int
    together: bool

    def kept(self, head: LinearHead) -> tuple[LinearHead, BesideHead]:
        """A head on the blocks of all items as one on the network's features and the columns."""
        learnt = self.rows.blocks_of(np.arange(len(self.rows)))
        weights, bias = learnt.split(head.weight)
        unit = self.together and self.rows.blocks[0].unit
        own = np.zeros((self.width, len(head.bias)), np.float32)
        if self.together:
            own = weights[0].astype(np.float32)
        linear = LinearHead(own, (head.bias + bias).astype(np.float32), normalise=unit)
        mean = learnt.scales[-1].mean
        return linear, BesideHead(self.encoding, weights[-1].astype(np.float32), mean)


def side_blocks(
    frozen: FrozenPart,
    columns: FurtherColumns,
    groups: NDArray[np.integer],
    *,
    name: str,
    unit: bool,
) -> tuple[SideBlocks, SideBlocks]:
    """The columns alone, and the network with them.

    Parameters
    ----------
    name
        Of the network's own candidate.
    unit
        Whether the rows of its features are scaled to length 1 first.
    """
    targets: Any = frozen.data.targets
    by = weighed_by(targets)
    width = frozen.features.shape[1]
    of_columns = Block("columns", columns.rows, standardise=False)
    of_network = Block(f"{frozen.data.kind.name}s", frozen.features, unit=unit)
    alone = BlockRows((of_columns,), by, groups)
    both = BlockRows((of_network, of_columns), by, groups)
    return (
        SideBlocks(COLUMNS, alone, columns.encoding, width, together=False),
        SideBlocks(f"{name} and columns", both, columns.encoding, width, together=True),
    )
