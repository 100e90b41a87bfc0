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
    root, inverse = here.power(0.5, ridge), here.power(-0.5, ridge)
    between = np.asarray(root @ there.covariance(ridge) @ root, np.float32)
    change = np.asarray(inverse @ _power(between, 0.5) @ inverse, np.float32)
    return _moved(here, there, change)


class _Moments:
    """Weighted mean, and what is left of normalised rows without it."""

    def __init__(self, rows: Float32, weights: Float32) -> None:
        self.mean = weights @ rows
        self.centred = rows - self.mean
        self._gram: Float32 = (self.centred * weights[:, None]).T @ self.centred

    @classmethod
    def of(cls, X: ArrayLike, weights: Weights = None) -> _Moments:
        rows = normalise_rows(X)
        return cls(rows, _normalised(weights, len(rows)))

    def covariance(self, ridge: float) -> Float32:
        result = self._gram.copy()
        result[np.diag_indices(len(result))] += ridge * np.trace(result) / len(result) + _TINY
        return result

    def power(self, exponent: float, ridge: float) -> Float32:
        return _power(self.covariance(ridge), exponent)


def _power(matrix: Float32, exponent: float) -> Float32:
    values, vectors = np.linalg.eigh(matrix)
    result: Float32 = (vectors * np.maximum(values, _TINY) ** np.float32(exponent)) @ vectors.T
    return result


def _moved(here: _Moments, there: _Moments, change: Float32) -> Float32:
    moved: Float32 = (here.centred @ change + there.mean).astype(np.float32)
    return moved


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
