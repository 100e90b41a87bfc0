"""Leading principal axes, half whitened: where neighbours and groups are sought."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_SHRINKAGE = 0.5
#: Unit rows are rounded to multiples of it: products of other heights or by other numbers of
#: threads round otherwise, and the same row has to become the same.
_STEP = 2.0**-18
_BLOCK = 8192

Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class HalfWhitened:
    """A map of rows to leading principal axes, each divided by the root of its deviation.

    Raw neighbours follow the few axes along which all items vary; full whitening makes much of
    noise. Halfway won on photographs, paintings, sketches and images of 32 pixels.

    Parameters
    ----------
    mean
        (d,), float32.
    axes
        (d, a), float32; principal axes, from small variance to large, and their scaling.
    """

    mean: Array
    axes: Array

    def coordinates(self, X: Array) -> NDArray[np.float64]:
        """Where rows X (n, d) lie on the axes, (n, a)."""
        axes, starts = self.axes.astype(np.float64), range(0, len(X), _BLOCK)
        parts = [(X[i : i + _BLOCK] - self.mean).astype(np.float64) @ axes for i in starts]
        return np.concatenate(parts) if parts else np.empty((0, axes.shape[1]))

    def transform(self, X: Array) -> Array:
        """The same scaled to length 1, (n, a), whatever other rows are beside."""
        rows = self.coordinates(X)
        rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
        return (np.round(rows / _STEP) * _STEP).astype(np.float32)


def half_whitening(X: Array, n_axes: int) -> HalfWhitened:
    """The map that X (n, d) defines, of min(n_axes, n − 1, d) axes and at least one.

    Examples
    --------
    >>> rows = np.random.default_rng(0).normal(size=(9, 5)).astype(np.float32)
    >>> half_whitening(rows, 3).transform(rows).shape
    (9, 3)
    """
    from scipy.linalg import eigh

    mean = X.mean(axis=0)
    n, d = X.shape
    axes = max(1, min(n_axes, n - 1, d))
    centred = (X - mean).astype(np.float64) if n < d else None
    gram = centred @ centred.T if centred is not None else _gram(X, mean)
    values, vectors = eigh(gram, subset_by_index=(len(gram) - axes, len(gram) - 1))
    deviations = np.sqrt(np.maximum(values, 1e-10 * max(float(values[-1]), 1e-30)))
    if centred is not None:
        vectors = centred.T @ vectors / deviations
    return HalfWhitened(mean, (vectors / deviations**_SHRINKAGE).astype(np.float32))


def _gram(X: Array, mean: Array) -> NDArray[np.float64]:
    """XᵀX of centred rows, (d, d), without a copy of all of them in double precision."""
    total = np.zeros((X.shape[1], X.shape[1]))
    for start in range(0, len(X), _BLOCK):
        centred = (X[start : start + _BLOCK] - mean).astype(np.float64)
        total += centred.T @ centred
    return total
