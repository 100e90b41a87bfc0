"""What a fit of a head on stored features found, before it is written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from topwork.features.columns.beside import BesideHead
from topwork.features.opened_backbone import FrozenPart
from topwork.heads import LinearHead
from topwork.quality import Duplicates, Families, Findings
from topwork.trials.gains.column_gain import ColumnGain
from topwork.trials.head_candidates import HeadCandidate, HeldOut, NestedT
from topwork.trials.head_selection import HeadSelection


class FinishedHead(Protocol):
    """What the selected candidate becomes: a network with its features of n items, and a head."""

    @property
    def frozen(self) -> FrozenPart: ...

    @property
    def head(self) -> LinearHead: ...

    @property
    def beside(self) -> BesideHead | None: ...


FinishedT = TypeVar("FinishedT", bound=FinishedHead)


@dataclass(frozen=True, eq=False, slots=True)
class HeadEvidence(Generic[HeldOut, NestedT, FinishedT]):
    """Everything that is known after a fit on n items.

    Parameters
    ----------
    asked
        The backbone that was asked for.
    candidates
        Baselines and the transfer, from simple to complex; the last is the transfer.
    selection
        Which of them is used.
    made
        That one on all items.
    folds, groups
        ``(n,)``.
    sketches
        Images in 99 bytes each, ``(n, 99)``.
    columns
        What columns beside the items add; None without any.
    """

    asked: str
    candidates: Sequence[HeadCandidate[HeldOut, NestedT]]
    selection: HeadSelection[HeldOut]
    made: FinishedT
    folds: NDArray[np.integer]
    groups: NDArray[np.integer]
    duplicates: Duplicates
    families: Families | None
    findings: Findings
    sketches: NDArray[np.int8] | None
    columns: ColumnGain | None = None

    @property
    def transfer(self) -> HeadCandidate[HeldOut, NestedT]:
        """What was asked for."""
        return self.candidates[-1]

    @property
    def chosen(self) -> HeadCandidate[HeldOut, NestedT]:
        """What is used."""
        return self.candidates[self.selection.chosen]
