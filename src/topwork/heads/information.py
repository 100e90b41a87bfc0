"""A linear head made certain and varied on unlabelled items: information maximisation."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from topwork.heads.linear import normalise_rows, softmax
from topwork.heads.prototypes import prototype_labels

ROUNDS = 8
"""How often pseudo-labels are made anew."""
_ITERATIONS = 8
_PSEUDO_WEIGHT = 0.3
_RIDGE = 1e-3
_TINY = 1e-9

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]


def maximise_information(
    X: Float32,
    weight: Float32,
    bias: Float32,
    *,
    rounds: int = ROUNDS,
    pseudo_weight: float = _PSEUDO_WEIGHT,
) -> Float32:
    """Logits ``(m, k)`` after a head was moved so that its answers are certain and varied.

    Minimises the mean entropy of the answers minus the entropy of the mean answer, plus the cross
    entropy with pseudo-labels of class prototypes. SHOT trains a bottleneck before a frozen
    classifier; without an activation between them both are one linear map, so that the map itself
    is trained here.

    Parameters
    ----------
    X
        Unlabelled features, standardised, ``(m, d)``.
    weight, bias
        The head to start from, on these features, ``(d, k)`` and ``(k,)``.

    References
    ----------
    Liang, Hu and Feng 2020, Do we really need to access the source data?, equations 3, 5 and 6.
    """
    from scipy.optimize import minimize

    m, d = X.shape
    scale = np.sqrt(d)
    rows: Float32 = np.concatenate([X, np.ones((m, 1), np.float32)], axis=1)
    rows /= np.float32(scale)
    start = np.concatenate([weight, bias[None]]).astype(np.float32) * np.float32(scale)
    directions = normalise_rows(X)
    for _ in range(rounds):
        labels = prototype_labels(directions, softmax(rows @ start))
        targets = np.eye(start.shape[1], dtype=np.float32)[labels]
        loss = _Loss(rows, targets, pseudo_weight)
        found = minimize(
            loss, start.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": _ITERATIONS}
        )
        start = found.x.reshape(start.shape).astype(np.float32)
    logits: Float32 = rows @ start
    return logits


class _Loss:
    """Loss and gradient for coefficients ``(d + 1, k)``, flat."""

    def __init__(self, rows: Float32, targets: Float32, pseudo_weight: float) -> None:
        self._rows, self._targets, self._pseudo = rows, targets, pseudo_weight

    def __call__(self, flat: Float64) -> tuple[float, NDArray[Any]]:
        m, d = self._rows.shape
        coefficients = flat.reshape(d, -1).astype(np.float32)
        p = softmax(self._rows @ coefficients)
        logs = np.log(p + _TINY)
        entropy = -(p * logs).sum(axis=1, keepdims=True)
        mean = p.mean(axis=0)
        mean_logs = np.log(mean + _TINY)
        loss = float(entropy.mean() + (mean * mean_logs).sum())
        loss -= self._pseudo * float((self._targets * logs).sum()) / m
        loss += _RIDGE / 2 * float(np.square(coefficients).sum()) / d
        slope = -p * (logs + entropy)
        slope += p * (mean_logs - (p * mean_logs).sum(axis=1, keepdims=True))
        slope += self._pseudo * (p - self._targets)
        gradient = self._rows.T @ (slope / m) + _RIDGE / d * coefficients
        return loss, gradient.astype(np.float64).ravel()
