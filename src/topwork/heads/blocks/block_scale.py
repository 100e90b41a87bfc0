"""Blocks of features side by side, each brought to one size, with a weight per block."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.heads.linear import normalise_rows

_SMALLEST: Final = 1e-6

Float32 = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class BlockScale:
    """How the features of one block become columns whose squares sum to 1 on average.

    Parameters
    ----------
    mean, deviation
        Of the features, ``(d,)``; NaN is read as the mean.
    size
        Square root of the trace of their covariance, after division by the deviations.
    unit
        Whether rows are scaled to length 1 first.
    """

    mean: Float32
    deviation: Float32
    size: float
    unit: bool

    @classmethod
    def learn(cls, X: ArrayLike, *, unit: bool = False, standardise: bool = True) -> BlockScale:
        """The scale of features ``(n, d)``.

        Each column is divided by its standard deviation plus their median, as one that is nearly
        always 0 would otherwise outweigh all others on a new item.

        Examples
        --------
        >>> scale = BlockScale.learn([[0.0, 1.0], [4.0, 3.0]])
        >>> float(np.square(scale.scaled([[0.0, 1.0], [4.0, 3.0]])).sum(axis=1).mean().round(3))
        1.0
        """
        rows = normalise_rows(X) if unit else np.asarray(X, np.float32)
        there = rows[np.isfinite(rows).all(axis=1)]
        if not len(there):
            there = np.zeros((1, rows.shape[1]), np.float32)
        mean = there.mean(axis=0)
        spread = there.std(axis=0)
        deviation = np.ones(rows.shape[1], np.float32)
        if standardise:
            deviation = spread + np.float32(max(float(np.median(spread)), _SMALLEST))
        trace = float(np.square(spread / deviation, dtype=np.float64).sum())
        return cls(mean, deviation.astype(np.float32), max(trace, _SMALLEST) ** 0.5, unit)

    def scaled(self, X: ArrayLike) -> Float32:
        """Of features ``(m, d)``: ``(m, d)``; rows with NaN are the mean, which is 0."""
        rows = normalise_rows(X) if self.unit else np.asarray(X, np.float32)
        found = (rows - self.mean) / (self.deviation * np.float32(self.size))
        return np.where(np.isfinite(found), found, np.float32(0))

    def unscaled(self, weight: Float32) -> tuple[Float32, Float32]:
        """What a matrix ``(d, k)`` of scaled features is of features as they are, with its bias."""
        own = weight / (self.deviation * np.float32(self.size))[:, None]
        return own, -self.mean @ own


@dataclass(frozen=True, eq=False)
class Blocks:
    """Blocks of features of n items side by side, as learnt from some of them.

    Parameters
    ----------
    scales, weights
        Of each of the b blocks; the squares of the weights sum to 1.
    """

    scales: tuple[BlockScale, ...]
    weights: tuple[float, ...]

    def rows(self, features: Sequence[ArrayLike]) -> Float32:
        """The blocks ``(n, d_1)`` to ``(n, d_b)`` as ``(n, d_1 + ... + d_b)``."""
        parts = zip(self.scales, self.weights, features, strict=True)
        return np.hstack([np.float32(weight) * scale.scaled(X) for scale, weight, X in parts])

    def split(self, weight: Float32) -> tuple[list[Float32], Float32]:
        """A matrix ``(d_1 + ... + d_b, k)`` of such rows, as one of each block's own features.

        Returns
        -------
        list of arrays, array
            ``(d_1, k)`` to ``(d_b, k)``, and what is added to the outputs, ``(k,)``.
        """
        ends = np.cumsum([len(scale.mean) for scale in self.scales])
        parts = np.split(weight, ends[:-1])
        found = [
            scale.unscaled(np.float32(own) * part)
            for scale, own, part in zip(self.scales, self.weights, parts, strict=True)
        ]
        bias = np.sum([bias for _, bias in found], axis=0)
        return [own for own, _ in found], np.asarray(bias, np.float32)
