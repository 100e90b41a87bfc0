"""How far apart two sets of items are, by the means of a kernel."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.heads.linear import normalise_rows
from topwork.metrics.records import Record
from topwork.shift.permutations import PermutedSets, share_as_extreme

N_PERMUTATIONS = 500
#: Items of either side that are compared at most.
MAX_COMPARED = 2000
_MEDIAN_OF = 1000

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]


class MMDTest(Record):
    """The maximum mean discrepancy of two sets.

    Parameters
    ----------
    squared
        Its unbiased square, which is about 0, and as often below, where sets do not differ.
    p
        Share of random divisions of the same items that are as far apart.
    deviations
        ``squared`` over its standard deviation in random divisions; grows with the items.
    effect
        Distance of the kernel means over the spread of items about them, as Cohen's d; does not
        grow with the items.
    bandwidth
        Of the kernel: the median distance between items of length 1.
    n_first, n_second
        Items that were compared.
    """

    squared: float
    p: float
    deviations: float
    effect: float
    bandwidth: float
    n_first: int
    n_second: int


def mmd_test(
    first: ArrayLike,
    second: ArrayLike,
    *,
    first_groups: ArrayLike | None = None,
    second_groups: ArrayLike | None = None,
    seed: int = 0,
) -> MMDTest:
    """The maximum mean discrepancy with a Gaussian kernel, and a permutation test of it.

    Parameters
    ----------
    first, second
        Features, (n, d) and (m, d), scaled to length 1; 2,000 of either are drawn at most.
    first_groups, second_groups
        Group of each item, (n,) and (m,), which permutations keep whole.
    seed
        Of the draws and permutations.

    Raises
    ------
    DataError
        There are too few items or groups on either side.

    References
    ----------
    Gretton et al. 2012, A kernel two-sample test, eq. 3 and §8.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> found = mmd_test(rng.random((50, 4)), rng.random((50, 4)) + [0, 0, 0, 2])
    >>> found.p < 0.01, found.effect > 1
    (True, True)
    """
    rng = np.random.default_rng(seed)
    before, before_groups = _drawn(first, first_groups, rng)
    after, after_groups = _drawn(second, second_groups, rng)
    sets = PermutedSets.of(len(before), len(after), before_groups, after_groups)
    rows = normalise_rows(np.concatenate([before, after]))
    kernel, bandwidth = gaussian_kernel(rows, rng)
    squares, within = _squares(kernel, sets.permutations(rng, N_PERMUTATIONS))
    spread = float(np.std(squares[1:]))
    return MMDTest(
        squared=float(squares[0]),
        p=share_as_extreme(squares),
        deviations=float(squares[0]) / max(spread, 1e-12),
        effect=float(np.sqrt(max(squares[0], 0.0) / max(within[0], 1e-12))),
        bandwidth=bandwidth,
        n_first=len(before),
        n_second=len(after),
    )


def _drawn(
    X: ArrayLike, groups: ArrayLike | None, rng: np.random.Generator
) -> tuple[NDArray[np.floating], NDArray[np.generic] | None]:
    rows = np.asarray(X)
    names = None if groups is None else np.asarray(groups)
    if len(rows) <= MAX_COMPARED:
        return rows, names
    kept = rng.choice(len(rows), MAX_COMPARED, replace=False)
    return rows[kept], None if names is None else names[kept]


def gaussian_kernel(rows: Float32, rng: np.random.Generator) -> tuple[Float32, float]:
    """exp(−‖x − y‖² / 2σ²) of rows (n, d) with each other, (n, n), 0 with itself; and σ.

    Examples
    --------
    >>> kernel, width = gaussian_kernel(np.float32([[0], [2]]), np.random.default_rng(0))
    >>> kernel.round(2).tolist(), width
    ([[0.0, 0.6100000143051147], [0.6100000143051147, 0.0]], 2.0)
    """
    squares = np.einsum("ij,ij->i", rows, rows)
    apart = rows @ rows.T
    apart *= -2
    apart += squares
    apart += squares[:, None]
    np.maximum(apart, 0, out=apart)
    some = rng.permutation(len(rows))[:_MEDIAN_OF]
    pairs = apart[np.ix_(some, some)][np.triu_indices(len(some), 1)]
    bandwidth = float(np.sqrt(np.median(pairs))) or 1.0
    apart *= np.float32(-1 / (2 * bandwidth**2))
    np.exp(apart, out=apart)
    np.fill_diagonal(apart, 0)
    return apart, bandwidth


def _squares(kernel: Float32, permutations: NDArray[np.bool_]) -> tuple[Float64, Float64]:
    """Unbiased squares of every division (p,), and the variance within its sides (p,).

    All from one product: what a side shares with itself tells what it shares with the other.
    """
    side = permutations.astype(np.float32)
    m = side.sum(axis=0, dtype=np.float64)
    n = len(side) - m
    inner = np.einsum("ij,ij->j", kernel @ side, side, dtype=np.float64)
    rows = kernel.sum(axis=1, dtype=np.float64)
    reached = rows @ side
    after = inner / (m * (m - 1))
    before = (rows.sum() - 2 * reached + inner) / (n * (n - 1))
    across = (reached - inner) / (n * m)
    return before + after - 2 * across, 1 - (before + after) / 2
