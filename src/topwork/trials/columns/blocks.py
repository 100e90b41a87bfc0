"""Candidates that learn from what stands beside items: alone, and together with a network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from topwork.features.columns import ColumnEncoding
from topwork.features.columns.beside import BesideHead
from topwork.features.columns.images import ImagesHead
from topwork.features.opened_backbone import FrozenPart
from topwork.heads import LinearHead
from topwork.tasks.block_rows import Block, BlockRows, weighed_by
from topwork.trials.columns.further import Beside

COLUMNS: Final = "the columns alone"


@dataclass(frozen=True, eq=False)
class SideBlocks:
    """Blocks of features, and how a head on them is kept.

    Parameters
    ----------
    name
        What people call the candidate.
    rows
        The blocks: the network's features first, those of further images, and the columns.
    encoding
        Of the columns; None where they are not among them.
    width
        Of the network's features.
    own
        Whether those of the items' first images are among them.
    images
        Further columns of images that are.
    several
        Whether several images of one cell are pooled.
    unit
        Whether rows of features are scaled to length 1 first.
    network
        Features of the items' first images, ``(n, d)``.
    """

    name: str
    rows: BlockRows
    encoding: ColumnEncoding | None
    width: int
    own: bool
    images: tuple[str, ...] = ()
    several: bool = False
    unit: bool = False
    network: Any = None

    @property
    def above(self) -> bool:
        """Whether it is more than a block alone."""
        return len(self.rows.blocks) > 1 or self.several

    @property
    def together(self) -> bool:
        """Whether columns and the network's features are both learnt from."""
        return self.own and self.encoding is not None

    def kept(self, head: LinearHead) -> tuple[LinearHead, BesideHead]:
        """A head on the blocks of all items as one on the network's features, and the rest."""
        learnt = self.rows.blocks_of(np.arange(len(self.rows)))
        weights, bias = learnt.split(head.weight)
        k, m, own = len(head.bias), len(self.images), int(self.own)
        weight = weights[0] if self.own else np.zeros((self.width, k))
        unit = self.unit and (self.own or m > 0)
        linear = LinearHead(
            weight.astype(np.float32), (head.bias + bias).astype(np.float32), normalise=unit
        )
        images = None
        if m or self.several:
            images = ImagesHead(
                self.images,
                np.reshape(weights[own : own + m], (m, self.width, k)).astype(np.float32),
                np.reshape(
                    [one.mean for one in learnt.scales[own : own + m]], (m, self.width)
                ).astype(np.float32),
                self.several,
                unit,
            )
        empty = np.zeros((0, k), np.float32), np.zeros(0, np.float32)
        columns, mean = empty if self.encoding is None else (weights[-1], learnt.scales[-1].mean)
        outputs = learnt.rows([block.features for block in self.rows.blocks]) @ head.weight
        first = np.asarray(linear.logits(self.network), np.float32)
        return linear, BesideHead(
            self.encoding or ColumnEncoding(columns=()),
            columns.astype(np.float32),
            mean,
            images,
            fitted=(outputs + head.bias - first).astype(np.float32),
        )


def side_blocks(
    frozen: FrozenPart,
    beside: Beside,
    groups: NDArray[np.integer],
    *,
    name: str,
    unit: bool,
) -> list[SideBlocks]:
    """Each block alone that the network's candidate is not, and the network with them.

    Parameters
    ----------
    name
        Of the network's own candidate.
    unit
        Whether the rows of its features are scaled to length 1 first.
    """
    targets: Any = frozen.data.targets
    by, images, columns = weighed_by(targets), beside.images, beside.columns
    kind, width = frozen.data.kind.name, frozen.features.shape[1]
    several = images is not None and images.several
    first = Block(f"{kind}s", frozen.features, unit=unit)
    if images is not None:
        first = Block(f"{kind}s", images.first(unit=unit))
    names = () if images is None else images.names
    further = [Block(n, images.block(n, unit=unit)) for n in names] if images is not None else []
    of_columns = [Block("columns", columns.rows, standardise=False)] if columns else []
    encoding = columns.encoding if columns else None

    def made(
        called: str, blocks: list[Block], coded: ColumnEncoding | None, own: bool, more: Any = ()
    ) -> SideBlocks:
        rows = BlockRows(tuple(blocks), by, groups)
        return SideBlocks(
            called, rows, coded, width, own, tuple(more), several and own, unit, frozen.features
        )

    found = [made(COLUMNS, of_columns, encoding, own=False)] if columns else []
    found += [
        made(f"{kind}s in {block.name} alone", [block], None, own=False, more=[block.name])
        for block in further
    ]
    if images is not None:
        found.append(made(f"all {kind}s, {name}", [first, *further], None, own=True, more=names))
    if columns:
        called = (
            f"all {kind}s, {name}, and columns" if images is not None else f"{name} and columns"
        )
        blocks = [first, *further, *of_columns]
        found.append(made(called, blocks, encoding, own=True, more=names))
    return found
