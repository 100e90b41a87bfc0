"""Groups of rows without labels: the space, the ways to divide it, and what can be said of them.

Every function gives the same for the same rows in another order, and with any number of cores.
"""

from topwork.heads.clustering.cut import normalised_cut
from topwork.heads.clustering.few_or_many import FewOrMany
from topwork.heads.clustering.geometry import PLANE, SPHERE, Geometry
from topwork.heads.clustering.kmeans import Clustering
from topwork.heads.clustering.margins import Membership, membership
from topwork.heads.clustering.number import ClusterCount, choose_n_clusters
from topwork.heads.clustering.order import canonical_order
from topwork.heads.clustering.space import half_whitened
from topwork.heads.clustering.spherical_kmeans import spherical_kmeans
from topwork.heads.clustering.stability import ClusterStability, stability
from topwork.heads.clustering.structure import StructureTest, structure_test
from topwork.heads.half_whitening import HalfWhitened

__all__ = [
    "PLANE",
    "SPHERE",
    "ClusterCount",
    "ClusterStability",
    "Clustering",
    "FewOrMany",
    "Geometry",
    "HalfWhitened",
    "Membership",
    "StructureTest",
    "canonical_order",
    "choose_n_clusters",
    "half_whitened",
    "membership",
    "normalised_cut",
    "spherical_kmeans",
    "stability",
    "structure_test",
]
