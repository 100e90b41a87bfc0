"""Groups of items without labels."""

from __future__ import annotations

from topwork.metrics.records import Record, Score
from topwork.report.images import DataUri


class ClusterMember(Record):
    """An item as it is shown."""

    path: str
    image: DataUri | None = None
    text: str | None = None


class ShownCluster(Record):
    """One cluster.

    Attributes
    ----------
    stability
        Mean Jaccard index, 0 to 1, with the middle 95 %.
    typical
        The items nearest to its centre.
    differences
        Of rows of a table how they differ from all rows, in words.
    """

    id: int
    name: str
    size: int
    stability: Score
    n_outliers: int
    typical: tuple[ClusterMember, ...]
    differences: tuple[str, ...] = ()


class TriedCount(Record):
    """A number of clusters, and its mean silhouette above that of one cloud."""

    k: int
    excess: float
    chosen: bool


class ClusterBetween(Record):
    """An item between two clusters, and what these are called."""

    item: ClusterMember
    first: str
    second: str


class Clusters(Record):
    """The clusters, and the items that belong to none of them clearly.

    Attributes
    ----------
    tried
        Numbers of clusters that were compared.
    between, n_between
        The first items between two clusters, and how many there are.
    outliers, n_outliers
        The same of items far from their centre.
    copies, n_copies
        Pairs of items that show the same, and how many items another one shows already.
    """

    clusters: tuple[ShownCluster, ...]
    tried: tuple[TriedCount, ...] = ()
    between: tuple[ClusterBetween, ...] = ()
    n_between: int = 0
    outliers: tuple[ClusterMember, ...] = ()
    n_outliers: int = 0
    copies: tuple[tuple[ClusterMember, ...], ...] = ()
    n_copies: int = 0
