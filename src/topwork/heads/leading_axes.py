"""The few directions along which rows vary most."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_EXACT = 512
_SPARE = 16
_ROUNDS = 3
_NEGLIGIBLE = 1e-10

Float32 = NDArray[np.float32]


def leading_axes(rows: Float32, count: int, *, seed: int = 0) -> tuple[Float32, Float32]:
    """The leading right singular vectors of centred rows, and Σ of squares along each.

    From the Gram matrix where n is small, else by randomised subspace iteration (Halko,
    Martinsson and Tropp 2011, algorithm 4.4).

    Parameters
    ----------
    rows
        (n, d).
    count
        How many are wanted; fewer come back where the rows do not span as many.
    seed
        Of the first guess at the subspace.

    Returns
    -------
    axes, squares
        (d, r) with orthonormal columns and (r,), from large to small.

    Examples
    --------
    >>> axes, squares = leading_axes(np.float32([[3, 0], [-3, 0], [0, 1], [0, -1]]), 1)
    >>> abs(axes[:, 0]).round(3).tolist(), squares.round(3).tolist()
    ([1.0, 0.0], [18.0])
    """
    if min(rows.shape) > _EXACT:
        basis = _range(rows, min(count + _SPARE, *rows.shape), seed)
        _, lengths, right = np.linalg.svd(rows @ basis, full_matrices=False)
        return basis @ right[:count].T, np.square(lengths[:count])
    wide = rows.astype(np.float64)
    tall = wide.shape[0] >= wide.shape[1]
    values, vectors = np.linalg.eigh(wide.T @ wide if tall else wide @ wide.T)
    kept = np.flatnonzero(values > _NEGLIGIBLE * max(float(values[-1]), 1e-30))[::-1][:count]
    axes = vectors[:, kept] if tall else wide.T @ (vectors[:, kept] / np.sqrt(values[kept]))
    return axes.astype(np.float32), values[kept].astype(np.float32)


def _range(rows: Float32, size: int, seed: int) -> Float32:
    """Orthonormal columns (d, size) that hold the leading directions."""
    guess = np.random.default_rng(seed).standard_normal((rows.shape[1], size), dtype=np.float32)
    basis = np.linalg.qr(guess)[0]
    for _ in range(_ROUNDS):
        basis = np.linalg.qr(rows.T @ (rows @ basis))[0]
    return basis
