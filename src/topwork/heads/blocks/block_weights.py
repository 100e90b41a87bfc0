"""A weight for each block of features, by the leave-one-out errors of a ridge on all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

WEIGHTS: Final = (0.03, 0.1, 0.3, 1.0, 3.0)
"""Tried for a block, beside the largest of the others."""

MAX_WEIGHED: Final = 500
"""Items that weights are chosen by at most: a decomposition takes the cube of them."""

_SWEEPS: Final = 2
_SMALLEST: Final = 1e-6
_SMALLEST_SLACK: Final = 1e-6
_ALPHAS: Final = np.logspace(-4, 3, 15)
"""Penalties in units of the mean eigenvalue."""

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Integers = NDArray[np.integer]


def choose_weights(
    blocks: Sequence[ArrayLike], Y: ArrayLike, groups: Integers | None = None
) -> tuple[float, ...]:
    """A weight for each block by the leave-one-out errors of a ridge on all of them.

    One block after the other is given the weight of the least mean squared error, at the penalty of
    the least; of equals the one nearest to 1. The ridge sees the sum of the blocks' Gram matrices,
    each times the square of its weight, so that features are multiplied once.

    Parameters
    ----------
    blocks
        Scaled features ``(n, d_1)`` to ``(n, d_b)``.
    Y
        What is to be predicted, ``(n, t)``.
    groups
        Group of each item, ``(n,)``: left out together.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> useful, noise = rng.normal(size=(80, 1)), rng.normal(size=(80, 50)) / 50**0.5
    >>> one, other = choose_weights([useful, noise], useful)
    >>> one > 5 * other
    True
    """
    if len(blocks) == 1:
        return (1.0,)
    targets = np.asarray(Y, np.float64)
    n = len(targets)
    rows = np.arange(n)
    if n > MAX_WEIGHED:
        rows = np.linspace(0, n - 1, MAX_WEIGHED).astype(np.intp)
    own = None if groups is None else groups[rows]
    grams = [_gram(np.asarray(block, np.float32)[rows]) for block in blocks]
    spread = np.maximum(targets.std(axis=0), _SMALLEST)
    error = _error_of(grams, (targets / spread)[rows], own)
    found = np.ones(len(blocks))
    known: dict[tuple[float, ...], float] = {}
    for _ in range(_SWEEPS):
        before = found.copy()
        for i in range(len(blocks)):
            if len(blocks) == 2 and i == 0:
                continue  # only their ratio counts
            found[i] = _best(found, i, error, known)
        if (found == before).all():
            break
    return tuple(float(w) for w in found / np.sqrt(np.square(found).sum()))


def _best(
    weights: Float64,
    i: int,
    error: Callable[[Float64], float],
    known: dict[tuple[float, ...], float],
) -> float:
    """The weight of block i at which the error is least."""
    grid = (*WEIGHTS, 10.0, 30.0) if len(weights) == 2 else WEIGHTS
    errors = []
    for weight in grid:
        trial = weights.copy()
        trial[i] = weight
        key = tuple((trial / trial.max()).round(6).tolist())
        if key not in known:
            known[key] = error(trial)
        errors.append(known[key])
    least = min(errors) * (1 + 1e-9)
    return min((abs(np.log(w)), w) for w, e in zip(grid, errors, strict=True) if e <= least)[1]


def _gram(X: Float32) -> Float64:
    centred = X - X.mean(axis=0)
    return np.asarray(centred @ centred.T, np.float64)


def _error_of(
    grams: Sequence[Float64], Y: Float64, groups: Integers | None
) -> Callable[[Float64], float]:
    """The least mean squared leave-one-out error, over the penalties, of each choice of weights."""
    from scipy.linalg import eigh

    target = Y - Y.mean(axis=0)
    together = [] if groups is None else _several(groups)

    def error(weights: Float64) -> float:
        gram = np.tensordot(np.square(weights), np.stack(grams), axes=1)
        values, vectors = eigh(gram, driver="evd", overwrite_a=True)
        values = np.maximum(values, 0)
        alphas = _ALPHAS * max(float(values.mean()), _SMALLEST)
        shrunk = values[:, None] / (values[:, None] + alphas)
        fitted = np.einsum("nr,ra,rt->ant", vectors, shrunk, vectors.T @ target, optimize=True)
        residuals = target - fitted
        # without 1/n for the intercept the least penalty wins wherever d > n
        slack = 1 - 1 / len(target) - (np.square(vectors) @ shrunk).T
        errors = residuals / np.maximum(slack, _SMALLEST_SLACK)[:, :, None]
        for rows in together:
            own = vectors[rows]
            hat = np.einsum("nr,ra,mr->anm", own, shrunk, own, optimize=True) + 1 / len(target)
            kept = np.eye(len(rows)) * (1 + _SMALLEST_SLACK) - hat
            errors[:, rows] = np.linalg.solve(kept, residuals[:, rows])
        return float(np.square(errors).mean(axis=(1, 2)).min())

    return error


def _several(groups: Integers) -> list[NDArray[np.intp]]:
    """The rows of each group of several items."""
    order = np.argsort(groups, kind="stable")
    starts = np.flatnonzero(np.diff(groups[order])) + 1
    return [rows for rows in np.split(order, starts) if len(rows) > 1]
