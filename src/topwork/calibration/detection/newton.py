"""Penalised logistic regression of one probability by Newton's method."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
_MAX_STEPS = 50
_PRECISION = 1e-7


def sigmoid(odds: Float64) -> Float64:
    """Probability of log odds.

    Examples
    --------
    >>> sigmoid(np.array([0.0, 1000.0])).tolist()
    [0.5, 1.0]
    """
    return np.asarray(1 / (1 + np.exp(-np.clip(odds, -60, 60))))


def fit_weights(
    X: Float64,
    y: Float64,
    *,
    strengths: Float64,
    start: Float64,
    centre: Float64 | None = None,
) -> Float64:
    """Minimise ``Σ log loss + ½ Σ strength (w − centre)²``, which is convex.

    Parameters
    ----------
    X, y
        Columns (m, d), and whether each row is true, 0 or 1, (m,).
    strengths
        Penalty on each weight, above 0, (d,).
    start
        Weights to begin with, (d,).
    centre
        What the weights are drawn towards, (d,); 0 by default.

    Examples
    --------
    >>> X, y = np.ones((100, 1)), np.r_[np.ones(80), np.zeros(20)]
    >>> odds = fit_weights(X, y, strengths=np.array([1e-9]), start=np.zeros(1))
    >>> sigmoid(odds).round(3).tolist()
    [0.8]
    """
    centre = np.zeros(X.shape[1]) if centre is None else centre

    def loss(w: Float64) -> float:
        odds = X @ w
        fitted = (np.logaddexp(0, odds) - y * odds).sum()
        return float(fitted + strengths @ np.square(w - centre) / 2)

    w, value = start.copy(), loss(start)
    for _ in range(_MAX_STEPS):
        p = sigmoid(X @ w)
        gradient = X.T @ (p - y) + strengths * (w - centre)
        hessian = (X * (p * (1 - p))[:, None]).T @ X
        hessian[np.diag_indices(len(w))] += strengths
        step, scale = np.linalg.solve(hessian, gradient), 1.0
        while (new := loss(w - scale * step)) > value and scale > 1e-6:
            scale /= 2
        w = w - scale * step
        gained, value = value - new, new
        if gained < _PRECISION * max(len(y), 1):
            break
    return w
