"""Sums of rows, targets and their products, for each fold by itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial, reduce

import numpy as np
from numpy.typing import NDArray

from topwork.heads.streaming.passes import RowRange, RowSource, in_waves, ranges

Float64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class Moments:
    """Of n rows x (d,) with targets y (k,).

    Parameters
    ----------
    n
        How many.
    x, y
        Σ x, (d,), and Σ y, (k,).
    xx, xy, yy
        Σ x xᵀ, (d, d), Σ x yᵀ, (d, k), and Σ y², (k,).
    """

    n: float
    x: Float64
    y: Float64
    xx: Float64
    xy: Float64
    yy: Float64

    @classmethod
    def zero(cls, d: int, k: int) -> Moments:
        return cls(0, np.zeros(d), np.zeros(k), np.zeros((d, d)), np.zeros((d, k)), np.zeros(k))

    def add(self, X: NDArray[np.float32], Y: NDArray[np.float32]) -> Moments:
        """With further rows; the matrices are changed in place."""
        self.x[:] += X.sum(axis=0, dtype=np.float64)
        self.y[:] += Y.sum(axis=0, dtype=np.float64)
        self.xx[:] += X.T @ X
        self.xy[:] += X.T @ Y
        self.yy[:] += np.square(Y, dtype=np.float64).sum(axis=0)
        return replace(self, n=self.n + len(X))

    def __add__(self, other: Moments) -> Moments:
        return Moments(
            self.n + other.n,
            self.x + other.x,
            self.y + other.y,
            self.xx + other.xx,
            self.xy + other.xy,
            self.yy + other.yy,
        )

    def __sub__(self, other: Moments) -> Moments:
        return Moments(
            self.n - other.n,
            self.x - other.x,
            self.y - other.y,
            self.xx - other.xx,
            self.xy - other.xy,
            self.yy - other.yy,
        )


def moments(
    source: RowSource,
    targets: NDArray[np.float32],
    folds: NDArray[np.integer],
    *,
    normalise: bool,
) -> list[Moments]:
    """The moments of each fold, from 0 on, in one pass over the rows.

    Parameters
    ----------
    targets
        (n, k).
    folds
        (n,).
    """
    n_folds = int(folds.max()) + 1
    total = [Moments.zero(source.shape[1], targets.shape[1]) for _ in range(n_folds)]
    for part in in_waves(partial(_of_range, source, n_folds, normalise), ranges(targets, folds)):
        total = [a + b for a, b in zip(total, part, strict=True)]
    return total


def summed(parts: list[Moments]) -> Moments:
    """Of all folds together."""
    return reduce(Moments.__add__, parts)


def _of_range(source: RowSource, n_folds: int, normalise: bool, rows: RowRange) -> list[Moments]:
    found = [Moments.zero(source.shape[1], rows.targets.shape[1]) for _ in range(n_folds)]
    for X, Y, folds in rows.blocks(source, normalise=normalise):
        for fold in np.unique(folds):
            here = slice(None) if n_folds == 1 else folds == fold
            found[fold] = found[fold].add(X[here], Y[here].astype(np.float32))
    return found
