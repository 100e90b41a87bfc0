"""Groups of items without labels."""

from __future__ import annotations

from typing import Literal

from topwork.metrics.records import Record, Score
from topwork.report.images import DataUri


class ClusterMember(Record):
    """An item as it is shown.

    Attributes
    ----------
    cells
        Of a row of a table, one for each column that is shown.
    """

    path: str
    image: DataUri | None = None
    text: str | None = None
    cells: tuple[str, ...] = ()


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


class ClusterSpots(Record):
    """The items of one cluster on the map.

    Attributes
    ----------
    places
        Of the items, 0 to 1,000 from the left and 0 to 620 from the top.
    x, y
        Of the name, in per cent.
    """

    id: int
    name: str
    places: tuple[tuple[int, int], ...]
    x: float
    y: float

    @property
    def colour(self) -> str:
        """The same as on a page of ``topwork map``: ten colours, then others of the wheel."""
        if self.id < len(_COLOURS):
            return _COLOURS[self.id]
        return f"hsl({self.id * 137.508 % 360:.0f} 55% {45 if self.id % 2 else 60}%)"


_COLOURS = (
    *("#1f77b4", "#e67e22", "#2c9650", "#cd3c3c", "#8e62be"),
    *("#8c6050", "#de6eb4", "#787d78", "#aaa51e", "#14aabe"),
)


class ClusterMap(Record):
    """The items in two dimensions.

    Attributes
    ----------
    layout
        How places were found: neighbours kept together (t-SNE), or the two directions along
        which the centres of the clusters differ most.
    n_items
        How many are drawn.
    """

    layout: Literal["t-SNE", "axes between centres"]
    n_items: int
    groups: tuple[ClusterSpots, ...]


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
    map
        The items in two dimensions.
    copies, n_copies
        Pairs of items that show the same, and how many items another one shows already.
    columns, n_columns
        Of rows of a table the columns that are shown, and how many are used.
    """

    clusters: tuple[ShownCluster, ...]
    map: ClusterMap | None = None
    tried: tuple[TriedCount, ...] = ()
    between: tuple[ClusterBetween, ...] = ()
    n_between: int = 0
    outliers: tuple[ClusterMember, ...] = ()
    n_outliers: int = 0
    copies: tuple[tuple[ClusterMember, ...], ...] = ()
    n_copies: int = 0
    columns: tuple[str, ...] = ()
    n_columns: int = 0
