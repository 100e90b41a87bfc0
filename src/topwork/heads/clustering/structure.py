"""Whether rows form groups at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.errors import ParameterError
from topwork.heads.clustering.clouds import sphere_like
from topwork.heads.clustering.order import canonical_order
from topwork.heads.clustering.space import N_AXES
from topwork.heads.clustering.two_means import two_means_index
from topwork.heads.half_whitening import half_whitening
from topwork.runtime.parallel import one_blas_thread, side_by_side

N_DRAWS = 99
MIN_ROWS = 20
LEVEL = 0.05
#: Draws after which a test may end: p is above the level however the others divide.
_FIRST = 19
_MAX_ROWS = 2000

Rows = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class StructureTest:
    """Whether there are groups.

    Parameters
    ----------
    found
        Whether p is at most 5 %; of the rows of a table 3 %.
    p
        Share of draws without groups, and of the rows themselves, that divide as well.
    strength
        How far below the mean of these draws the rows' index is, in its standard deviations.
    """

    found: bool
    p: float
    strength: float


def structure_test(X: Rows, *, n_draws: int = N_DRAWS, seed: int = 0) -> StructureTest:
    """The two-means cluster index of X against those of draws without groups.

    The index is the sum of squares within two clusters over that about the mean, on half whitened
    axes and of rows of length 1; the smaller, the more clearly the rows divide. Draws are Gaussian
    with the variances of the axes, which real items of one class are not told from. For the rows of
    a table, whose columns have a meaning each, see `rows.row_structure_test`.

    Parameters
    ----------
    X
        Features (n, d), float32; of more than 2,000 rows, as many of them are looked at.
    n_draws
        The least p is 1 / (n_draws + 1). Where p will be above 5 % whatever the others say, the
        first 19 draws are all.
    seed
        Of the draws.

    Raises
    ------
    ParameterError
        There are fewer than 20 rows.

    References
    ----------
    Liu, Hayes, Nobel and Marron 2008, Statistical significance of clustering for high-dimension,
    low-sample size data, section 3; Besag and Clifford 1991, Sequential Monte Carlo p-values.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(100, 90)).astype(np.float32)
    >>> structure_test(X).found
    False
    >>> X[:50] += 1
    >>> structure_test(X).found
    True
    """
    check_rows(X)
    rows = X[canonical_order(X)[:_MAX_ROWS]]
    with one_blas_thread():
        coordinates = _coordinates(rows)
        index = two_means_index(_unit(coordinates), np.random.default_rng(seed))

        def drawn(own: np.random.SeedSequence) -> float:
            rng = np.random.default_rng(own)
            return two_means_index(_unit(sphere_like(coordinates, rng)), rng)

        seeds = np.random.SeedSequence(seed).spawn(n_draws)
        draws = np.array(side_by_side(drawn, seeds[:_FIRST]))
        if 1 + np.sum(draws <= index) <= LEVEL * (n_draws + 1):
            draws = np.concatenate([draws, side_by_side(drawn, seeds[_FIRST:])])
    p = (1 + int(np.sum(draws <= index))) / (len(draws) + 1)
    return StructureTest(p <= LEVEL, p, float((draws.mean() - index) / max(draws.std(), 1e-12)))


def check_rows(X: Rows) -> None:
    """Raises a `ParameterError` where there are too few rows."""
    if len(X) < MIN_ROWS:
        raise ParameterError(
            f"{len(X)} items are too few to tell whether they form groups.",
            remedy=f"Use at least {MIN_ROWS} items.",
        )


def _coordinates(rows: Rows) -> Rows:
    return half_whitening(rows, N_AXES).coordinates(rows).astype(np.float32)


def _unit(rows: Rows) -> Rows:
    found: Rows = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return found
