"""Data without groups, and groups three standard deviations apart."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float32]
Array = NDArray[np.float64]
Cloud = Callable[[np.random.Generator, int, int], Rows]

APART = 3.0

MOST = 0.88
"""Of the squared distances between groups, the share that one column may have.

Groups that one column shows alone are none by definition, as a column of yes or no would make two.
"""


def columns_of(X: Rows) -> dict[str, list[str]]:
    """Rows as the columns of a file."""
    return {f"column {j}": [repr(float(v)) for v in column] for j, column in enumerate(X.T)}


def planted(rng: np.random.Generator, n: int, d: int, k: int, *, most: float = MOST) -> Rows:
    """k spherical groups of equal size whose means are all three deviations apart, (n, d).

    They are the corners of a regular simplex of k − 1 dimensions, so that d ≥ k − 1, turned at
    random until no column has more than a share of the squared distances.
    """
    corners = np.eye(k) - 1 / k
    axes = np.linalg.svd(corners)[2][: k - 1]
    while True:
        turn = np.linalg.qr(rng.standard_normal((d, d)))[0][: k - 1]
        means = corners @ axes.T @ turn * APART / np.sqrt(2)
        squares = np.square(means).sum(axis=0)
        if squares.max() <= most * squares.sum():
            break
    return (means[np.arange(n) % k] + rng.standard_normal((n, d))).astype(np.float32)


def _turned(rng: np.random.Generator, own: Array) -> Rows:
    """Independent columns (n, d) on random axes of random lengths."""
    d = own.shape[1]
    axes = np.linalg.qr(rng.standard_normal((d, d)))[0] * np.exp(rng.normal(0, 0.8, d))
    return (own @ axes.T).astype(np.float32)


def _elliptical(rng: np.random.Generator, n: int, d: int) -> Rows:
    return _turned(rng, rng.standard_normal((n, d)))


def _heavy_tailed(rng: np.random.Generator, n: int, d: int) -> Rows:
    return _turned(rng, rng.standard_normal((n, d)) * np.sqrt(3 / rng.chisquare(3, (n, 1))))


def _heavy_columns(rng: np.random.Generator, n: int, d: int) -> Rows:
    return _turned(rng, rng.standard_t(3, (n, d)))


def _lengths(rng: np.random.Generator, n: int, d: int) -> Rows:
    """Lengths vary by about a quarter, as those of networks' features do."""
    return _turned(rng, rng.standard_normal((n, d)) * np.sqrt(10 / rng.chisquare(10, (n, 1))))


def _skewed(rng: np.random.Generator, n: int, d: int) -> Rows:
    return _turned(rng, rng.exponential(1, (n, d)) - 1)


def _skewed_columns(rng: np.random.Generator, n: int, d: int) -> Rows:
    return np.float32(np.exp(rng.normal(0, 0.7, (n, d))) * np.exp(rng.normal(0, 0.4, d)))


def _shuffled(rng: np.random.Generator, n: int, d: int) -> Rows:
    """A table of three groups, numbers and yes or no, each column in an order of its own."""
    kinds = rng.integers(0, 3, n)
    numbers = [rng.normal(2 * kinds), rng.exponential(1 + kinds), rng.lognormal(0, 1, n)]
    answers = [rng.random(n) < share + 0.2 * kinds for share in np.linspace(0.1, 0.5, d)]
    return np.float32(rng.permuted(np.column_stack([*numbers, *answers])[:, :d], axis=0))


def _rectified(rng: np.random.Generator, n: int, d: int) -> Rows:
    """What lies below a height of each column is 0, as behind the last layer of many networks."""
    own = _turned(rng, rng.standard_normal((n, d)))
    return np.maximum(own - own.std(axis=0) * rng.normal(0, 0.5, d), 0).astype(np.float32)


CLOUDS: dict[str, Cloud] = {
    "elliptical": _elliptical,
    "heavy-tailed (t, 3 degrees)": _heavy_tailed,
    "heavy-tailed columns, turned": _heavy_columns,
    "skewed (exponential), turned": _skewed,
    "skewed columns (log-normal)": _skewed_columns,
    "shuffled columns": _shuffled,
}
"""Of the columns of a table."""

FEATURES: dict[str, Cloud] = {
    "elliptical": _elliptical,
    "of different lengths (t, 10 degrees)": _lengths,
    "skewed (exponential), turned": _skewed,
    "rectified": _rectified,
}
"""Of hundreds of columns, as the features of networks."""

UNLIKE_FEATURES = ("heavy-tailed (t, 3 degrees)", _heavy_tailed)
"""No network's: what the test does not promise to call one cloud."""
