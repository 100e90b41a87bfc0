"""Whether rows form groups at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.errors import ParameterError
from topwork.heads.clustering.clouds import cloud_like, shuffled_columns, sphere_like
from topwork.heads.clustering.order import canonical_order
from topwork.heads.clustering.space import N_AXES
from topwork.heads.clustering.two_means import two_means_index
from topwork.heads.clustering.two_or_three import Draw, compared_with
from topwork.heads.half_whitening import half_whitening
from topwork.runtime.parallel import one_blas_thread, side_by_side

N_DRAWS = 99
MIN_ROWS = 20
LEVEL = 0.05
#: Of tables, as no cloud is quite the one that is drawn: then 5 % hold for those of other shapes.
TABLE_LEVEL = 0.03
#: Up to so many columns they are those of a table, each with a meaning of its own.
MAX_COLUMNS = 64
_MAX_ROWS = 2000

Rows = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class StructureTest:
    """Whether there are groups.

    Parameters
    ----------
    found
        Whether p is at most 5 %; at most 3 % of up to 64 columns.
    p
        Share of draws without groups, and of the rows themselves, that divide as well; of the
        draws that divide best where there are several kinds.
    strength
        How far below the mean of these draws the rows' index is, in its standard deviations.
    """

    found: bool
    p: float
    strength: float


def structure_test(X: Rows, *, n_draws: int = N_DRAWS, seed: int = 0) -> StructureTest:
    """The two-means cluster index of X against those of draws without groups.

    The index is the sum of squares within two clusters over that about the mean, on half whitened
    axes; the smaller, the more clearly the rows divide. Up to 64 columns, that of three clusters
    counts, too, and draws are one cloud of exactly the same covariance and of the same skewness
    along each axis, and, as a second kind, the rows with each column shuffled. With more columns
    (features of a network) rows are brought to length 1, and draws are Gaussian with the variances
    of the axes, which real items of one class are not told from.

    Parameters
    ----------
    X
        (n, d), float32; of more than 2,000 rows, as many of them are looked at.
    n_draws
        Draws of each kind; the least p is 1 / (n_draws + 1).
    seed
        Of the draws.

    Raises
    ------
    ParameterError
        There are fewer than 20 rows.

    References
    ----------
    Liu, Hayes, Nobel and Marron 2008, Statistical significance of clustering for high-dimension,
    low-sample size data, section 3 (the index); Langsrud 2005, Rotation tests (draws of exactly the
    same covariance).

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(100, 5)).astype(np.float32)
    >>> structure_test(X).found
    False
    >>> X[:50] += 4
    >>> structure_test(X).found
    True
    """
    check_rows(X)
    rows = X[canonical_order(X)[:_MAX_ROWS]]
    with one_blas_thread():
        coordinates = _coordinates(rows)
        if X.shape[1] > MAX_COLUMNS:
            own = _unit(coordinates)
            p, strength = _compared(
                own, lambda rng: _unit(sphere_like(coordinates, rng)), n_draws, seed
            )
            return StructureTest(p <= LEVEL, p, strength)
        kinds = [
            (True, lambda rng: cloud_like(coordinates, rng)),
            (False, lambda rng: _coordinates(shuffled_columns(rows, rng))),
        ]
        return of_table(coordinates, kinds, n_draws, seed)


def of_table(
    rows: Rows, kinds: Sequence[tuple[bool, Draw]], n_draws: int, seed: int
) -> StructureTest:
    """The test of rows (n, a) of up to 64 columns against each kind of draws: the largest p counts.

    Parameters
    ----------
    kinds
        Draws, and whether parts must be apart more clearly than theirs; see `compared_with`.
    """
    found = [compared_with(rows, kind, n_draws, seed, apart=apart) for apart, kind in kinds]
    p, strength = max(found, key=lambda pair: (pair[0], -pair[1]))
    return StructureTest(p <= TABLE_LEVEL, p, strength)


def check_rows(X: Rows) -> None:
    """Raises a `ParameterError` where there are too few rows."""
    if len(X) < MIN_ROWS:
        raise ParameterError(
            f"{len(X)} items are too few to tell whether they form groups.",
            remedy=f"Use at least {MIN_ROWS} items.",
        )


def _compared(rows: Rows, draw: Draw, n_draws: int, seed: int) -> tuple[float, float]:
    """p and strength of the two-means index against one kind of draws."""
    index = two_means_index(rows, np.random.default_rng(seed))

    def drawn(own: np.random.SeedSequence) -> float:
        rng = np.random.default_rng(own)
        return two_means_index(draw(rng), rng)

    draws = np.array(side_by_side(drawn, np.random.SeedSequence(seed).spawn(n_draws)))
    p = (1 + int(np.sum(draws <= index))) / (n_draws + 1)
    return p, float((draws.mean() - index) / max(float(draws.std()), 1e-12))


def _coordinates(rows: Rows) -> Rows:
    return half_whitening(rows, N_AXES).coordinates(rows).astype(np.float32)


def _unit(rows: Rows) -> Rows:
    found: Rows = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return found
