"""Where the known classes lie in feature space, and how far from them an item is.

Two distances, on L2-normalised features whitened by the shrunk covariance within classes. The
*direction* is 1 minus the largest cosine between the item and a class mean, both from the centre of
the classes: it tells classes that are missing. The *distance* is the squared Mahalanobis distance
to the nearest class mean (Lee et al. 2018, A simple unified framework for detecting
out-of-distribution samples): with few classes the direction says next to nothing, and the distance
tells what has nothing to do with any of them. ``python -m benchmarks.unknowns`` measures both and
others.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.heads.leading_axes import leading_axes
from topwork.heads.linear import normalise_rows

#: Share of the covariance that is replaced by a multiple of the identity; 0.3 to 0.9 do as well.
SHRINKAGE = 0.75
#: Directions that are whitened; the others vary too little to matter beside the shrinkage.
MAX_AXES = 128

Float32 = NDArray[np.float32]


def _direction_alone() -> Float32:
    return np.array([1, 0], np.float32)


def _zeros() -> Float32:
    return np.zeros(2, np.float32)


def _no_lengths() -> Float32:
    return np.zeros(0, np.float32)


@dataclass(frozen=True, eq=False)
class KnownSpace:
    """Where the known classes lie; plain arrays, so that a saved model can carry them.

    Parameters
    ----------
    centre
        Mean of the class means on L2-normalised features, (d,), float32.
    axes
        Directions in which items of a class vary most, (d, r), float32.
    gains
        What whitening adds along each, relative to the other directions, (r,), between -1 and 0.
    directions
        Direction of each class with items from the centre, whitened twice, (d, c), float32.
    lengths
        How far each of these class means is from the centre when whitened, (c,), float32; empty in
        models that were saved before the distance was used.
    weights
        Of the direction and of the distance in the score, (2,), float32.
    usual
        Direction and distance that the score counts from, (2,), float32.
    """

    centre: Float32
    axes: Float32
    gains: Float32
    directions: Float32
    lengths: Float32 = field(default_factory=_no_lengths)
    weights: Float32 = field(default_factory=_direction_alone)
    usual: Float32 = field(default_factory=_zeros)

    def scores(self, X: ArrayLike) -> Float32:
        """How far the features (n, d) are from every class, (n,); more is farther.

        Examples
        --------
        >>> space = fit_known_space([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0]], np.array([0, 0, 1]))
        >>> space.scores([[1.0, 0.0], [-1.0, -1.0]]) > 0.5
        array([False,  True])
        """
        counted = (self.parts(X) - self.usual) @ self.weights
        return counted.astype(np.float32)

    def parts(self, X: ArrayLike) -> Float32:
        """Direction, from 0 to 2, and distance of the features (n, d), (n, 2)."""
        rows = normalise_rows(X) - self.centre
        along = rows @ self.axes
        squares = np.einsum("ij,ij->i", rows, rows)
        squares += np.square(along) @ (np.square(self.gains) + 2 * self.gains)
        towards = rows @ self.directions
        direction = 1 - towards.max(axis=1) / np.sqrt(np.maximum(squares, 1e-12))
        if not len(self.lengths):
            return np.stack([direction, np.zeros_like(direction)], axis=1)
        nearest = (np.square(self.lengths) - 2 * self.lengths * towards).min(axis=1)
        return np.stack([direction, np.maximum(squares + nearest, 0)], axis=1)


def fit_known_space(X: ArrayLike, codes: NDArray[np.integer], *, seed: int = 0) -> KnownSpace:
    """The space of the known classes from features (n, d) and codes (n,).

    Examples
    --------
    >>> fit_known_space([[1.0, 0.0], [0.0, 1.0]], np.array([0, 1])).directions.shape
    (2, 2)
    """
    rows = normalise_rows(X)
    present, members, counts = np.unique(codes, return_inverse=True, return_counts=True)
    by_class = rows[np.argsort(members, kind="stable")]
    sums = np.add.reduceat(by_class, np.cumsum(counts) - counts, axis=0, dtype=np.float64)
    means = (sums / counts[:, None]).astype(np.float32)
    centre = means.mean(axis=0)
    axes, gains = _whitening(rows - means[members], len(rows) - len(present), seed)
    from_centre = (means - centre).T
    whitened = from_centre + axes @ (gains[:, None] * (axes.T @ from_centre))
    lengths = np.linalg.norm(whitened, axis=0)
    whitened /= np.maximum(lengths, 1e-12)
    directions = whitened + axes @ (gains[:, None] * (axes.T @ whitened))
    return KnownSpace(centre, axes, gains, directions, lengths)


def _whitening(within: Float32, freedom: int, seed: int) -> tuple[Float32, Float32]:
    """Axes (d, r) and √(floor / variance) − 1 along each, (r,).

    The shrunk covariance is (1 − s) S + s tr(S)/d I; floor = s tr(S)/d is what all directions
    share.
    """
    d = within.shape[1]
    total = float(np.einsum("ij,ij->", within, within))
    if freedom < 1 or total <= 1e-10 * len(within):
        return np.zeros((d, 0), np.float32), np.zeros(0, np.float32)
    axes, squares = leading_axes(within, min(MAX_AXES, freedom), seed=seed)
    floor = SHRINKAGE * total / freedom / d
    variances = (1 - SHRINKAGE) * squares / freedom + floor
    return axes, np.sqrt(floor / variances).astype(np.float32) - 1
