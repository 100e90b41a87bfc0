"""Ridge regression of any number of rows in one pass, the penalty chosen by cross-validation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.heads.streaming.moments import Float64, Moments, moments, summed
from topwork.heads.streaming.passes import RowSource


@dataclass(frozen=True, eq=False, slots=True)
class StreamedRidge:
    """A ridge regression, ``y = x @ weight + bias``.

    Parameters
    ----------
    weight, bias
        (d, k) and (k,), float32, of the fit on all rows.
    alpha
        The penalty.
    alphas, errors
        All penalties, and the mean squared error of each on held-out rows, summed over targets.
    """

    weight: NDArray[np.float32]
    bias: NDArray[np.float32]
    alpha: float
    alphas: Float64
    errors: Float64


def stream_ridge(
    source: RowSource,
    targets: NDArray[np.floating],
    folds: NDArray[np.integer],
    *,
    alphas: Float64 | None = None,
    normalise: bool = False,
) -> StreamedRidge:
    """Minimise ``Σ ‖y − ŷ‖² + α‖W‖²``, the intercept unpenalised, at the best of several α.

    One pass sums the moments of each fold, in memory of d² a fold; every fit and every held-out
    error follows from them.

    Parameters
    ----------
    source
        Features of n items.
    targets
        (n, k).
    folds
        (n,), from 0 on; two at least.
    alphas
        Penalties; 25 from 1e-3 to 1e5 times the mean eigenvalue for None, as `RidgeProblem` has.
    normalise
        Whether rows are scaled to length 1 first.

    Examples
    --------
    >>> from topwork.heads.streaming.passes import ArrayRows
    >>> X = np.arange(8.0)[:, None]
    >>> found = stream_ridge(ArrayRows(X), 2 * X + 1, np.arange(8) % 2, alphas=np.array([1e-6]))
    >>> found.weight.round(3).tolist(), found.bias.round(3).tolist()
    ([[2.0]], [1.0])
    """
    parts = moments(source, np.asarray(targets, np.float32), folds, normalise=normalise)
    whole = summed(parts)
    if alphas is None:
        trace = float(np.trace(whole.xx) - whole.x @ whole.x / whole.n) / len(whole.x)
        alphas = np.logspace(-3, 5, 25) * (trace if trace > 0 else 1.0)
    errors = np.zeros(len(alphas))
    for held_out in parts:
        fits = _fits(whole - held_out, alphas)
        errors += [_squares(held_out, weight, bias) for weight, bias in fits]
    best = float(alphas[int(errors.argmin())])
    ((weight, bias),) = _fits(whole, np.array([best]))
    return StreamedRidge(
        weight.astype(np.float32), bias.astype(np.float32), best, alphas, errors / whole.n
    )


def _fits(of: Moments, alphas: Float64) -> list[tuple[Float64, Float64]]:
    """Weight (d, k) and bias (k,) at each penalty, from one eigendecomposition."""
    mean, target_mean = of.x / of.n, of.y / of.n
    values, vectors = np.linalg.eigh(of.xx - of.n * np.outer(mean, mean))
    turned = vectors.T @ (of.xy - of.n * np.outer(mean, target_mean))
    found = []
    for alpha in alphas:
        weight = vectors @ (turned / (np.maximum(values, 0) + alpha)[:, None])
        found.append((weight, target_mean - mean @ weight))
    return found


def _squares(of: Moments, weight: Float64, bias: Float64) -> float:
    """Σ ‖y − x @ weight − bias‖² over the rows that these are the moments of."""
    own = of.yy - 2 * np.einsum("dk,dk->k", weight, of.xy)
    own += np.einsum("dk,dk->k", weight, of.xx @ weight)
    own += bias * (of.n * bias - 2 * of.y + 2 * (of.x @ weight))
    return float(own.sum())
