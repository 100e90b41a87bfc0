"""The axes along which several columns of a table vary together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from topwork.heads.clustering.order import canonical_order
from topwork.runtime.parallel import one_blas_thread, side_by_side

MAX_AXES = 32
MAX_ROWS = 3000
"""That define axes."""

_NOTHING = 1e-9
#: Draws; after the first, what most of them reach, or what is so many of their standard deviations
#: above them, is decided.
_DRAWS, _FIRST, _FAR_ABOVE = 49, 9, 10
_QUANTILE = 0.95
_STEP = 2.0**-18
_BLOCK = 8192

Rows = NDArray[np.float32]
Blocks = NDArray[np.integer]
Floating = TypeVar("Floating", np.float32, np.float64)


@dataclass(frozen=True, eq=False, slots=True)
class SharedAxes:
    """Leading principal axes of encoded columns.

    Parameters
    ----------
    mean
        (d,), float32.
    axes
        (d, a), float32, of length 1, the largest variance first.
    n_shared
        How many axes are shared by columns, a; or 0, and then the axes are all there are, 32 at
        most.
    """

    mean: Rows
    axes: Rows
    n_shared: int

    def transform(self, X: Rows) -> Rows:
        """Where rows X (n, d) lie on the axes, (n, a), whatever other rows are beside."""
        axes, starts = self.axes.astype(np.float64), range(0, len(X), _BLOCK)
        parts = [(X[i : i + _BLOCK] - self.mean).astype(np.float64) @ axes for i in starts]
        found = np.concatenate(parts) if parts else np.empty((0, axes.shape[1]))
        return (np.round(found / _STEP) * _STEP).astype(np.float32)


def shared_axes(X: Rows, blocks: Blocks, *, seed: int = 0) -> SharedAxes:
    """The principal axes whose variance is more than that of columns without any relation.

    An axis counts if its variance exceeds the 95 % quantile of the largest in 49 draws. A draw is
    what the axes before it leave of the rows, with the rows of each column of the table shuffled on
    its own, and scaled up by the dimensions that those axes took. What one column says alone never
    makes an axis.

    Parameters
    ----------
    X
        Encoded columns (n, d), float32; of more than 3,000 rows, as many define the axes.
    blocks
        Which column of the table each encoded one comes from, (d,): they are shuffled together.
    seed
        Of the draws.

    References
    ----------
    Horn 1965, A rationale and test for the number of factors in factor analysis; Buja and Eyuboglu
    1992, Remarks on parallel analysis (draws by permutation); Green et al. 2012, A proposed
    solution to the problem of determining the number of factors (draws given the axes before).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(200, 5)).astype(np.float32)
    >>> X[:, 1] += X[:, 0]
    >>> found = shared_axes(X, np.arange(5))
    >>> found.n_shared, (abs(found.axes[:, 0]) > 0.3).tolist()
    (1, [True, True, False, False, False])
    """
    rows = X[canonical_order(X)[:MAX_ROWS]]
    with one_blas_thread():
        mean = rows.mean(axis=0, dtype=np.float64)
        values, vectors = _principal(rows)
        rank = int((values > _NOTHING * values[0]).sum())
        rest, n_shared = rows - mean, 0
        while n_shared < min(MAX_AXES, rank - 1):
            least = values[n_shared] * (rank - n_shared) / rank
            if not _is_more(least, rest, blocks, (seed, n_shared)):
                break
            rest = rest - np.outer(rest @ vectors[:, n_shared], vectors[:, n_shared])
            n_shared += 1
    axes = vectors[:, : n_shared or MAX_AXES]
    return SharedAxes(mean.astype(np.float32), axes.astype(np.float32), n_shared)


def _is_more(
    variance: float, rest: NDArray[np.float64], blocks: Blocks, seed: tuple[int, int]
) -> bool:
    """Whether it is above the 95 % quantile of the largest along an axis of shuffled columns."""

    def drawn(own: np.random.SeedSequence) -> float:
        draw = shuffled_blocks(rest, blocks, np.random.default_rng(own))
        return float(_principal(draw)[0][0])

    seeds = np.random.SeedSequence(seed).spawn(_DRAWS)
    draws = side_by_side(drawn, seeds[:_FIRST])
    if sum(one >= variance for one in draws) > (1 - _QUANTILE) * (_DRAWS - 1) + 1:
        return False  # whatever the others are
    if variance > np.mean(draws) + _FAR_ABOVE * np.std(draws):
        return True
    draws += side_by_side(drawn, seeds[_FIRST:])
    return variance > float(np.quantile(draws, _QUANTILE))


def leading_vectors(rows: Rows) -> NDArray[np.float64]:
    """Principal axes of rows (n, d), (d, d), that of the largest variance first."""
    return _principal(rows)[1]


def leading(rows: Rows, n_axes: int) -> Rows:
    """Rows (n, d) on their n_axes leading axes, half whitened, (n, a): where they divide in two."""
    values, vectors = _principal(rows)
    centred = rows - rows.mean(axis=0, dtype=np.float64)
    scale = np.maximum(values[:n_axes], 1e-12) ** 0.25
    found: Rows = (centred @ vectors[:, :n_axes] / scale).astype(np.float32)
    return found


def shuffled_blocks(
    rows: NDArray[Floating], blocks: Blocks, rng: np.random.Generator
) -> NDArray[Floating]:
    """Rows (n, d) with the columns of each block in an order of their own."""
    different = np.unique(blocks)
    if len(different) == len(blocks):
        return rng.permuted(rows, axis=0)
    found = np.empty_like(rows)
    for block in different:
        mine = blocks == block
        found[:, mine] = rows[rng.permutation(len(rows))][:, mine]
    return found


def _principal(rows: NDArray[np.floating]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Variances and principal axes, the largest first; each axis points where its sum is more."""
    centred = rows - rows.mean(axis=0, dtype=np.float64)
    values, vectors = np.linalg.eigh(centred.T @ centred / len(rows))
    turned = vectors[:, ::-1]
    signs = np.where(turned.sum(axis=0) < 0, -1.0, 1.0)
    return values[::-1], turned * signs
