"""Whether rows form groups at all."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from topwork.errors import ParameterError
from topwork.heads.clustering.order import canonical_order
from topwork.heads.clustering.space import N_AXES
from topwork.heads.half_whitening import half_whitening
from topwork.runtime.parallel import one_blas_thread, side_by_side

N_DRAWS = 99
MIN_ROWS = 20
LEVEL = 0.05
_MAX_ROWS = 2000
_STARTS = 4
_ROUNDS = 50

Rows = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class StructureTest:
    """Whether there are groups.

    Parameters
    ----------
    found
        Whether p is at most 5 %.
    p
        Share of draws without groups, and of the rows themselves, that divide as well.
    strength
        How far below the mean of the draws the rows' index is, in its standard deviations.
    """

    found: bool
    p: float
    strength: float


def structure_test(X: Rows, *, n_draws: int = N_DRAWS, seed: int = 0) -> StructureTest:
    """The two-means cluster index of X against that of draws of one cloud of the same covariance.

    The index is the sum of squares within two clusters over that about the mean, of half
    whitened unit rows; the smaller, the more clearly the rows divide.

    Parameters
    ----------
    X
        (n, d), float32; of more than 2,000 rows, as many of them are looked at.
    n_draws
        Draws; the least p is 1 / (n_draws + 1).
    seed
        Of the draws.

    Raises
    ------
    ParameterError
        There are fewer than 20 rows.

    References
    ----------
    Liu, Hayes, Nobel and Marron 2008, Statistical significance of clustering for high-dimension,
    low-sample size data, section 3.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(100, 5)).astype(np.float32)
    >>> structure_test(X).found
    False
    >>> X[:50] += 4
    >>> structure_test(X).found
    True
    """
    if len(X) < MIN_ROWS:
        raise ParameterError(
            f"{len(X)} items are too few to tell whether they form groups.",
            remedy=f"Use at least {MIN_ROWS} items.",
        )
    rows = X[canonical_order(X)[:_MAX_ROWS]]
    with one_blas_thread():
        coordinates = half_whitening(rows, N_AXES).coordinates(rows).astype(np.float32)
        own = two_means_index(_unit(coordinates), np.random.default_rng(seed))
        deviations = coordinates.std(axis=0)
        seeds = np.random.SeedSequence(seed).spawn(n_draws)
        draws = np.array(side_by_side(partial(_drawn, deviations, len(rows)), seeds))
    p = (1 + int(np.sum(draws <= own))) / (n_draws + 1)
    strength = (draws.mean() - own) / max(float(draws.std()), 1e-12)
    return StructureTest(p <= LEVEL, p, float(strength))


def _drawn(deviations: Rows, n: int, seed: np.random.SeedSequence) -> float:
    """The index of one draw of a Gaussian."""
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((n, len(deviations)), dtype=np.float32) * deviations
    return two_means_index(_unit(rows), rng)


def two_means_index(rows: Rows, rng: np.random.Generator) -> float:
    """Sum of squares within the best two clusters over that about the mean; 0 to 1."""
    centred = rows - rows.mean(axis=0)
    total = float(np.square(centred, dtype=np.float64).sum())
    between = max(_between(centred, normal) for normal in _normals(centred, rng))
    return 1 - between / max(total, 1e-30)


def _normals(centred: Rows, rng: np.random.Generator) -> list[Rows]:
    """Directions to divide by at first: the axis of most variance, and random pairs of rows."""
    largest = np.zeros(centred.shape[1], np.float32)
    largest[centred.var(axis=0).argmax()] = 1
    pairs = rng.integers(len(centred), size=(_STARTS - 1, 2))
    return [largest, *(centred[a] - centred[b] for a, b in pairs)]


def _between(centred: Rows, normal: Rows) -> float:
    """Sum of squares between two clusters after Lloyd's rounds from a dividing direction.

    Of centred rows the two sums are opposite, which leaves one of them to compute.
    """
    n, offset, best = len(centred), 0.0, 0.0
    before: NDArray[np.bool_] | None = None
    for _ in range(_ROUNDS):
        first = centred @ normal > offset
        m = int(first.sum())
        if m in {0, n} or (before is not None and np.array_equal(first, before)):
            break
        total = first.astype(np.float32) @ centred
        normal = total * np.float32(1 / m + 1 / (n - m))
        offset = float(total @ total) * (1 / m**2 - 1 / (n - m) ** 2) / 2
        before = first
        best = float(total @ total) * (1 / m + 1 / (n - m))
    return best


def _unit(rows: Rows) -> Rows:
    found: Rows = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return found
