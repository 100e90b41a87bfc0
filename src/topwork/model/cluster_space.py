"""Where clusters lie: a projection of the features, and a centre for each cluster in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.heads import LinearHead
from topwork.heads.clustering.rows import SharedAxes, distances
from topwork.heads.linear import normalise_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterSpace:
    """The projection, the k centres, and the n items that they were found in.

    Parameters
    ----------
    mean, axes
        Features ``x`` become ``(x - mean) @ axes``, scaled to length 1: ``(d,)`` and ``(d, a)``.
    centres
        Of length 1, ``(k, a)``.
    least
        An item whose cosine with the nearest centre is lower is an outlier, ``(k,)``.
    codes, keys
        Cluster and content key of each item, ``(n,)`` and ``(n, 16)``.

    Examples
    --------
    >>> space = ClusterSpace(
    ...     mean=np.zeros(2, np.float32),
    ...     axes=np.eye(2, dtype=np.float32),
    ...     centres=np.eye(2, dtype=np.float32),
    ...     least=np.full(2, 0.5, np.float32),
    ...     codes=np.array([0, 1], np.int32),
    ...     keys=np.zeros((2, 16), np.uint8),
    ... )
    >>> space.cosines(np.float32([[3, 0], [1, 1]])).round(2).tolist()
    [[1.0, 0.0], [0.7099999785423279, 0.7099999785423279]]
    """

    mean: NDArray[np.float32]
    axes: NDArray[np.float32]
    centres: NDArray[np.float32]
    least: NDArray[np.float32]
    codes: NDArray[np.int32]
    keys: NDArray[np.uint8]

    def rows(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Features ``(m, d)`` in the projection, each of length 1, ``(m, a)``."""
        return normalise_rows((features - self.mean) @ self.axes)

    def cosines(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Cosine of each item ``(m, d)`` with each centre, ``(m, k)``."""
        found: NDArray[np.float32] = self.rows(features) @ self.centres.T
        return found

    def head(self) -> LinearHead:
        """The same but for the lengths of rows: its largest output is the nearest centre."""
        weight = self.axes.astype(np.float64) @ self.centres.T
        bias = -self.mean.astype(np.float64) @ weight
        return LinearHead(weight.astype(np.float32), bias.astype(np.float32), normalise=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowSpace:
    """The axes of encoded rows, the k centres, and the n rows that they were found in.

    Parameters
    ----------
    mean, axes
        Encoded rows ``x`` become ``(x - mean) @ axes``: ``(d,)`` and ``(d, a)``.
    centres
        Means of the clusters there, ``(k, a)``.
    least
        A row whose nearness (its distance with a minus sign) to the nearest centre is lower is an
        outlier, ``(k,)``.
    codes, keys
        Cluster and content key of each row, ``(n,)`` and ``(n, 16)``.
    """

    mean: NDArray[np.float32]
    axes: NDArray[np.float32]
    centres: NDArray[np.float32]
    least: NDArray[np.float32]
    codes: NDArray[np.int32]
    keys: NDArray[np.uint8]

    def nearness(self, encoded: NDArray[np.float32]) -> NDArray[np.float32]:
        """Distances of rows ``(m, d)`` to each centre, with a minus sign, ``(m, k)``."""
        rows = SharedAxes(self.mean, self.axes, 0).transform(encoded)
        found: NDArray[np.float32] = -distances(rows, self.centres)
        return found
