"""Everything that was seen of the rows of a table, for the record, the model and the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.data import Item, Modality
from topwork.data.columns import RowTable
from topwork.features.columns import ColumnEncoding
from topwork.heads.clustering import ClusterCount, ClusterStability, StructureTest
from topwork.heads.clustering.margins import Membership
from topwork.heads.clustering.rows import SharedAxes
from topwork.settings import ClusterSettings
from topwork.unsupervised.clustering.result import Difference


@dataclass(frozen=True, eq=False, slots=True)
class RowEvidence:
    """The n rows of a table, and the groups of them.

    Parameters
    ----------
    table
        With all its columns.
    encoding
        How those that are used become numbers.
    hints
        Sentences on how columns were read.
    axes
        Along which columns vary together.
    rows
        Where the rows lie on these, ``(n, a)``.
    centres
        Of the k clusters, ``(k, a)``, the largest cluster first.
    codes
        The nearest centre of each row, ``(n,)``.
    structure
        Whether there are groups.
    count
        Which numbers of clusters were compared; None where the number was given.
    k_range
        The least and the largest number of clusters that were possible.
    stabilities
        Of each cluster.
    membership
        How each row belongs to its cluster.
    differences
        Of each cluster from all rows.
    names
        Of the clusters.
    n_distinct
        Rows that differ in the columns that are used.
    """

    table: RowTable
    settings: ClusterSettings
    encoding: ColumnEncoding
    hints: list[str]
    axes: SharedAxes
    rows: NDArray[np.float32]
    centres: NDArray[np.float32]
    codes: NDArray[np.intp]
    structure: StructureTest
    count: ClusterCount | None
    k_range: tuple[int, int]
    stabilities: list[ClusterStability]
    membership: Membership
    differences: list[list[Difference]]
    names: list[str]
    n_distinct: int

    @property
    def items(self) -> Sequence[Item]:
        """The rows."""
        return self.table.items

    @property
    def kind(self) -> Modality:
        """What they are."""
        return self.table.kind

    @property
    def outliers(self) -> NDArray[np.bool_]:
        """Which rows are far from the centre of their cluster, ``(n,)``."""
        return self.membership.outlier

    def members(self) -> list[NDArray[np.intp]]:
        """Positions of the rows of each cluster, the nearest to its centre first."""
        return members_of(self.codes, self.membership, len(self.centres))


def members_of(codes: NDArray[np.intp], membership: Membership, k: int) -> list[NDArray[np.intp]]:
    """Positions of the rows of each of k clusters, the nearest to its centre first."""
    order = np.argsort(-membership.nearness, kind="stable")
    return [order[codes[order] == code] for code in range(k)]
