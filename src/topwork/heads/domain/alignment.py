"""Labelled features moved to where unlabelled ones lie: from one domain's statistics to another's.

All of them work on rows of length 1, as heads do, and need nothing but the features of both
domains. The classes must be about as frequent in both; where they are not, source rows need
weights that make them so.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.heads.linear import normalise_rows

_RIDGE = 1.0
"""What is added to a covariance, in multiples of its mean variance."""
_SPREAD_FLOOR = 0.3
"""What is added to each coordinate's spread, in multiples of the mean spread."""

_TINY = 1e-10

Float32 = NDArray[np.float32]
Weights = NDArray[np.floating] | None


def linear_transport(
    source: ArrayLike,
    target: ArrayLike,
    *,
    weights: Weights = None,
    ridge: float = _RIDGE,
) -> Float32:
    """Source rows ``(n, d)`` by the optimal linear map onto the target's ``(m, d)``.

    It is optimal transport between two normal distributions: of all maps that bring mean and
    covariance over, the one that moves items least.

    Parameters
    ----------
    weights
        Of the source rows in their mean and covariance, ``(n,)``; all alike by default.

    References
    ----------
    Knott and Smith 1984, On the optimal mapping of distributions; Flamary et al. 2019,
    Concentration bounds for linear Monge mapping estimation, equation 2.
    """
    here, there = _Moments.of(source, weights), _Moments.of(target)
    axes = _axes(here.centred, there.centred)
    root, inverse = _powers(here.covariance(axes, ridge), 0.5, -0.5)
    between = np.asarray(root @ there.covariance(axes, ridge) @ root, np.float32)
    change = inverse @ _powers(between, 0.5)[0] @ inverse
    moved: Float32 = (here.centred @ axes @ change @ axes.T + there.mean).astype(np.float32)
    return moved


class _Moments:
    """Weighted mean, and what is left of normalised rows without it."""

    def __init__(self, rows: Float32, weights: Float32) -> None:
        self.mean = weights @ rows
        self.centred = rows - self.mean
        self._weights = weights

    @classmethod
    def of(cls, X: ArrayLike, weights: Weights = None) -> _Moments:
        rows = normalise_rows(X)
        return cls(rows, _normalised(weights, len(rows)))

    def covariance(self, axes: Float32, ridge: float) -> Float32:
        """Along orthonormal axes ``(d, r)`` that span the rows, ``(r, r)``."""
        inner = self.centred @ axes
        result: Float32 = np.asarray((inner * self._weights[:, None]).T @ inner, np.float32)
        result[np.diag_indices(len(result))] += ridge * np.trace(result) / len(axes) + _TINY
        return result


def _axes(here: Float32, there: Float32) -> Float32:
    """Orthonormal axes ``(d, r)`` that span both, ``(n, d)`` and ``(m, d)``.

    Across them both covariances are multiples of the identity, and no row has a part there: the
    map need not be known. An eigendecomposition takes d³ operations; few rows span far fewer axes.
    """
    n, d = len(here) + len(there), here.shape[1]
    axes = np.linalg.qr(np.vstack([here, there]).T)[0] if n < d else np.eye(d)
    return np.asarray(axes, np.float32)


def _powers(matrix: Float32, *exponents: float) -> list[Float32]:
    values, vectors = np.linalg.eigh(matrix)
    values = np.maximum(values, _TINY)
    return [np.asarray((vectors * values**e) @ vectors.T, np.float32) for e in exponents]


def standardise(X: ArrayLike, *, weights: Weights = None) -> tuple[Float32, Float32, Float32]:
    """Rows ``(n, d)`` of length 1, then each coordinate centred and scaled; also both, ``(d,)``.

    Two domains that are each standardised by themselves have the same means and spreads. The
    spread of a coordinate is enlarged by a part of the mean one, so that coordinates which hardly
    vary stay small.

    Parameters
    ----------
    weights
        Of the rows in means and spreads, ``(n,)``; all alike by default.
    """
    rows = normalise_rows(X)
    shares = _normalised(weights, len(rows))
    mean: Float32 = shares @ rows
    spread: Float32 = np.sqrt(shares @ np.square(rows - mean))
    spread += max(_SPREAD_FLOOR * float(spread.mean()), 1e-12)
    return (rows - mean) / spread, mean, spread


def _normalised(weights: Weights, n: int) -> Float32:
    """Weights that sum to 1, ``(n,)``."""
    w = np.ones(n) if weights is None else np.asarray(weights, np.float64)
    return (w / max(float(w.sum()), 1e-12)).astype(np.float32)
