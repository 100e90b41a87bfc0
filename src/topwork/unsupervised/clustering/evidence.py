"""Everything that was seen of the items, for the record, the model and the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from topwork.data import Item, Modality
from topwork.features.opened_backbone import FrozenPart
from topwork.heads.clustering import membership
from topwork.quality import Duplicates
from topwork.settings import ClusterSettings
from topwork.unsupervised.clustering.grouping import Grouping
from topwork.unsupervised.clustering.naming import Members

_TYPICAL = 8


class AssignedItems(Protocol):
    """n items with the clusters that they are in."""

    @property
    def items(self) -> Sequence[Item]:
        """The items."""

    @property
    def kind(self) -> Modality:
        """What they are."""

    @property
    def codes(self) -> NDArray[np.intp]:
        """The cluster of each, ``(n,)``."""

    @property
    def outliers(self) -> NDArray[np.bool_]:
        """Which are far from the centre of their cluster, ``(n,)``."""

    @property
    def names(self) -> list[str]:
        """Of the k clusters."""

    @property
    def settings(self) -> ClusterSettings:
        """How they were found."""


@dataclass(frozen=True, eq=False, slots=True)
class ClusterEvidence:
    """The n readable items, and the groups of the m of them that differ.

    Parameters
    ----------
    frozen
        The items with their features.
    grouping
        The groups of the items that differ in content.
    firsts
        The position of the first item of each content, ``(m,)``.
    contents
        Which of the m contents each item has, ``(n,)``.
    names
        Of the k clusters.
    duplicates
        Items that show or say the same.
    """

    frozen: FrozenPart
    settings: ClusterSettings
    grouping: Grouping
    firsts: NDArray[np.intp]
    contents: NDArray[np.intp]
    names: list[str]
    duplicates: Duplicates

    @property
    def items(self) -> Sequence[Item]:
        """The n items."""
        return self.frozen.data.items

    @property
    def kind(self) -> Modality:
        """What they are."""
        return self.frozen.data.kind

    @property
    def codes(self) -> NDArray[np.intp]:
        """The cluster of each item, ``(n,)``."""
        return self.grouping.codes[self.contents]

    @property
    def outliers(self) -> NDArray[np.bool_]:
        """Which items are far from the centre of their cluster, ``(n,)``."""
        found: NDArray[np.bool_] = (
            self.grouping.cosines < self.grouping.least()[self.grouping.codes]
        )
        return found[self.contents]

    def members(self) -> list[Members]:
        """Positions of the items of each cluster that differ, the nearest to its centre first."""
        return [self.firsts[rows] for rows in members_of(self.grouping)]

    def typical(self) -> list[Members]:
        """The first of these."""
        return [members[:_TYPICAL] for members in self.members()]

    def borderline(self) -> list[tuple[int, int, float, float]]:
        """Of items between clusters position, second cluster and both cosines; closest first."""
        found = membership(self.grouping.rows, self.grouping.centres, self.grouping.codes)
        rows = np.flatnonzero(found.borderline)
        beside = self.grouping.rows[rows] @ self.grouping.centres.T
        other = beside[np.arange(len(rows)), found.second[rows]]
        order = np.argsort(found.nearness[rows] - other, kind="stable")
        return [
            (int(self.firsts[rows[i]]), int(found.second[rows[i]]),
             float(found.nearness[rows[i]]), float(other[i]))
            for i in order
        ]  # fmt: skip


def members_of(grouping: Grouping) -> list[Members]:
    """Rows of each cluster, the nearest to its centre first."""
    order = np.argsort(-grouping.cosines, kind="stable")
    codes = grouping.codes[order]
    return [order[codes == code] for code in range(len(grouping.centres))]
