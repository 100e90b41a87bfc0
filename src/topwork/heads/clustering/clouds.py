"""Draws that are like rows in what has nothing to do with groups."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: That of the exponential distribution; beyond, a sample's skewness is that of single items.
_MAX_SKEWNESS = 2.0
_STRAIGHT = 0.05

Rows = NDArray[np.float32]


def cloud_like(
    rows: NDArray[np.floating], rng: np.random.Generator, *, skewed: bool = True
) -> Rows:
    """One cloud of the same size, of exactly the same variances along uncorrelated axes.

    Each axis is gamma distributed with the skewness of that of the rows, and Gaussian where there
    is none. As the draw is decorrelated, too, of Gaussian rows and any covariance nothing tells
    the draws from the rows themselves: the test is exact.

    Parameters
    ----------
    rows
        (n, a), columns centred and uncorrelated.
    skewed
        Whether the skewness of each axis is kept; else all are Gaussian.
    """
    deviations = np.maximum(rows.std(axis=0), 1e-12)
    skewness = np.mean(((rows - rows.mean(axis=0)) / deviations) ** 3, axis=0)
    draw = np.empty(rows.shape)
    for j, own in enumerate(skewed * np.clip(skewness, -_MAX_SKEWNESS, _MAX_SKEWNESS)):
        draw[:, j] = _skewed(float(own), len(rows), rng)
    found: Rows = (_decorrelated(draw) * deviations).astype(np.float32)
    return found


def sphere_like(rows: Rows, rng: np.random.Generator) -> Rows:
    """A Gaussian with the variances of rows (n, a), whose own sample varies as any does."""
    found: Rows = rng.standard_normal(rows.shape, dtype=np.float32) * rows.std(axis=0)
    return found


def _skewed(skewness: float, n: int, rng: np.random.Generator) -> NDArray[np.float64]:
    if abs(skewness) < _STRAIGHT:
        return rng.standard_normal(n)
    size = abs(skewness)
    return float(np.sign(skewness)) * rng.gamma(4 / size**2, size / 2, n)


def _decorrelated(draw: NDArray[np.float64]) -> NDArray[np.float64]:
    """Columns turned as little as possible to be uncorrelated, of variance 1."""
    centred = draw - draw.mean(axis=0)
    values, vectors = np.linalg.eigh(centred.T @ centred / len(draw))
    values = np.maximum(values, 1e-9 * values[-1])
    found: NDArray[np.float64] = centred @ (vectors / np.sqrt(values) @ vectors.T)
    return found
