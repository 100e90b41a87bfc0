"""Groups of the rows of a table: by axes that several of its columns share."""

from topwork.heads.clustering.rows.alone import column_alone
from topwork.heads.clustering.rows.axes import SharedAxes, shared_axes
from topwork.heads.clustering.rows.division import row_kmeans
from topwork.heads.clustering.rows.nearest import distances, least_nearness, row_membership
from topwork.heads.clustering.rows.structure import row_structure_test

__all__ = [
    "SharedAxes",
    "column_alone",
    "distances",
    "least_nearness",
    "row_kmeans",
    "row_membership",
    "row_structure_test",
    "shared_axes",
]
