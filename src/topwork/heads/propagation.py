"""Labels spread along neighbours: a sparse graph of nearest features, and what flows over it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.heads.linear import normalise_rows

if TYPE_CHECKING:
    from scipy.sparse import csr_array

N_NEIGHBOURS = 10
ALPHA = 0.9
"""Share of an item's answer that comes from its neighbours."""

_SHARPNESS = 3
"""Power of the cosine that is a neighbour's weight (Iscen et al. 2019, equation 5)."""
_BLOCK = 2048
_STEPS = 60

Float32 = NDArray[np.float32]


@dataclass(frozen=True, eq=False, slots=True)
class NeighbourGraph:
    """The nearest neighbours of n items.

    Parameters
    ----------
    affinity
        ``(n, n)``, symmetric, sparse, divided by the square roots of its row sums.
    """

    affinity: csr_array

    def spread(self, answers: ArrayLike, *, alpha: float = ALPHA) -> Float32:
        """Probabilities ``(n, k)`` after each item has taken on what its neighbours say.

        Solves ``F = α A F + (1 − α) P`` by iteration; rows then sum to 1.

        Parameters
        ----------
        answers
            What is said of each item on its own, ``(n, k)``, not negative. Rows of zeros are items
            that nothing is known of.

        References
        ----------
        Zhou et al. 2004, Learning with local and global consistency, equation 4.
        """
        own = np.asarray(answers, dtype=np.float32)
        spread = own
        for _ in range(_STEPS):
            spread = alpha * (self.affinity @ spread) + (1 - alpha) * own
        sums = spread.sum(axis=1, keepdims=True)
        uniform = np.float32(1 / own.shape[1])
        result: Float32 = np.where(sums > 0, spread / np.where(sums > 0, sums, 1), uniform)
        return result


def neighbour_graph(X: ArrayLike, *, n_neighbours: int = N_NEIGHBOURS) -> NeighbourGraph:
    """The graph of features ``(n, d)``: each item and those nearest to it by cosine.

    Features are centred first, so that what all items have in common says nothing. Memory is
    ``n × n_neighbours`` and a block of similarities.

    Examples
    --------
    >>> near = neighbour_graph([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0], [0.1, 0.9]], n_neighbours=1)
    >>> near.spread([[1, 0], [0, 0], [0, 1], [0, 0]]).argmax(axis=1).tolist()
    [0, 0, 1, 1]
    """
    from scipy.sparse import coo_array

    rows = normalise_rows(X)
    rows = normalise_rows(rows - rows.mean(axis=0))
    n = len(rows)
    k = max(1, min(n_neighbours, n - 1))
    nearest, cosines = _nearest(rows, k)
    weights = np.maximum(cosines, 0) ** _SHARPNESS
    owners = np.repeat(np.arange(n), k)
    one_way = coo_array((weights.ravel(), (owners, nearest.ravel())), shape=(n, n)).tocsr()
    both = one_way.maximum(one_way.T)
    roots = np.sqrt(np.maximum(both.sum(axis=1), 1e-12)).astype(np.float32)
    edges = both.tocoo()
    edges.data = edges.data / (roots[edges.row] * roots[edges.col])
    return NeighbourGraph(edges.tocsr())


def _nearest(rows: Float32, k: int) -> tuple[NDArray[np.intp], Float32]:
    """The k nearest of each row and their cosines, ``(n, k)`` each."""
    nearest = np.empty((len(rows), k), np.intp)
    cosines = np.empty((len(rows), k), np.float32)
    for begin in range(0, len(rows), _BLOCK):
        here = slice(begin, begin + _BLOCK)
        similar: NDArray[Any] = rows[here] @ rows.T
        similar[np.arange(len(similar)), begin + np.arange(len(similar))] = -np.inf
        found = np.argpartition(-similar, k - 1, axis=1)[:, :k] if k < len(rows) else None
        nearest[here] = found if found is not None else np.argsort(-similar, axis=1)[:, :k]
        cosines[here] = np.take_along_axis(similar, nearest[here], axis=1)
    return nearest, cosines
