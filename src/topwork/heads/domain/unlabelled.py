"""A linear head trained on unlabelled items by L-BFGS, for any objective of its logits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

_RIDGE = 1e-3

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Objective = Callable[[Float32], tuple[float, Float32]]
"""From logits ``(m, k)`` to the loss and its gradient with respect to them, ``(m, k)``."""


class UnlabelledHead:
    """A head ``X @ weight + bias`` that starts from given coefficients.

    Parameters
    ----------
    X
        Standardised features ``(m, d)``.
    weight, bias
        The head to start from, ``(d, k)`` and ``(k,)``.
    """

    def __init__(self, X: Float32, weight: Float32, bias: Float32) -> None:
        m, d = X.shape
        scale = np.float32(np.sqrt(d))
        rows = np.concatenate([X, np.ones((m, 1), np.float32)], axis=1) / scale
        self._rows: Float32 = rows.astype(np.float32)
        coefficients = np.concatenate([weight, bias[None]]) * scale
        self._coefficients: Float32 = coefficients.astype(np.float32)

    @property
    def logits(self) -> Float32:
        """``(m, k)``."""
        logits: Float32 = self._rows @ self._coefficients
        return logits

    def minimise(self, objective: Objective, *, iterations: int) -> None:
        """Some iterations of L-BFGS on the objective and a small ridge penalty."""
        from scipy.optimize import minimize

        shape, d = self._coefficients.shape, len(self._coefficients)

        def loss(flat: Float64) -> tuple[float, NDArray[Any]]:
            coefficients = flat.reshape(shape).astype(np.float32)
            value, slope = objective(self._rows @ coefficients)
            value += _RIDGE / 2 * float(np.square(coefficients).sum()) / d
            gradient = self._rows.T @ slope + _RIDGE / d * coefficients
            return value, gradient.astype(np.float64).ravel()

        start = self._coefficients.ravel().astype(np.float64)
        found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": iterations})
        self._coefficients = found.x.reshape(shape).astype(np.float32)
