"""The loss of multinomial logistic regression, and its minimum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from topwork.heads.lbfgs import InverseHessian

Array = NDArray[np.float32]
_SUFFICIENT_DECREASE = 1e-4
_CURVATURE = 0.5
_LINE_STEPS = 20


class Design(Protocol):
    """What is known of matrices (n, p): an array is one, and so is what reads from disk."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    @property
    def T(self) -> Transposed: ...  # noqa: N802  as arrays have it

    def __matmul__(self, other: Array, /) -> Array: ...

    def __getitem__(self, rows: NDArray[np.integer], /) -> Array: ...


class Transposed(Protocol):
    """A matrix (p, n)."""

    def __matmul__(self, other: Array, /) -> Array: ...


@dataclass(frozen=True, eq=False)
class SoftmaxLoss:
    """``Σ wᵢ log-lossᵢ / n + ½ Σ ridge·W²``, a convex function of W (p, k).

    Parameters
    ----------
    design
        (n, p), float32, C-contiguous; the last column is ones.
    codes
        (n,), the class of each item.
    weights
        (n,), float32, divided by n already.
    ridge
        (p, 1), float32: 1 / (C n), and 0 for the intercept.
    variances
        (p,), about the variance of each column, 1 for the intercept: the preconditioner's.
    """

    design: Design
    codes: NDArray[np.integer]
    weights: Array
    ridge: Array
    variances: Array

    def penalty(self, W: Array) -> float:
        """½ Σ ridge·W²."""
        return 0.5 * float(np.vdot(self.ridge * W, W))

    def of_logits(self, logits: Array) -> tuple[Array, float]:
        """Probabilities (n, k) and the weighted mean log loss, summed in float64."""
        rows = np.arange(len(logits))
        top = logits.max(axis=1, keepdims=True)
        own = logits[rows, self.codes] - top[:, 0]
        probabilities = np.exp(logits - top)
        total = probabilities.sum(axis=1, keepdims=True)
        probabilities /= total
        loss = np.dot(self.weights.astype(np.float64), np.log(total[:, 0]) - own)
        return probabilities, float(loss)

    def gradient(self, probabilities: Array, W: Array) -> Array:
        """(p, k)."""
        residual = probabilities.copy()
        residual[np.arange(len(residual)), self.codes] -= 1
        residual *= self.weights[:, None]
        gradient: Array = self.design.T @ residual
        gradient += self.ridge * W
        return gradient

    def inverse_diagonal(self, probabilities: Array) -> Array:
        """1 / diagonal of the Hessian, (p, k), taking p(1 − p) as independent of x."""
        spread = np.einsum("i,ij,ij->j", self.weights, probabilities, 1 - probabilities)
        floor = np.float32(1e-6) * max(float(self.weights.sum()), 1e-6)
        diagonal = np.maximum(spread, floor) * np.maximum(self.variances, 1e-12)[:, None]
        inverse: Array = 1 / (diagonal + self.ridge)
        return inverse


def minimise(loss: SoftmaxLoss, start: Array, *, tolerance: float, max_iterations: int) -> Array:
    """W (p, k) that minimises ``loss``, by preconditioned L-BFGS in float32.

    An iteration costs two matrix products: logits are linear in W, so that the line search
    moves along them without another product.

    Parameters
    ----------
    start
        (p, k), left as it is.
    tolerance
        Stop when half the Newton decrement, which estimates how far the loss is above its
        minimum, falls below this; in units of mean log loss.
    max_iterations
        Stop there in any case.
    """
    W, logits = start, loss.design @ start
    probabilities, data_loss = loss.of_logits(logits)
    value = data_loss + loss.penalty(W)
    gradient = loss.gradient(probabilities, W)
    inverse_hessian = InverseHessian(loss.inverse_diagonal(probabilities))
    for _ in range(max_iterations):
        direction = -inverse_hessian(gradient)
        slope = float(np.vdot(gradient, direction))
        if not slope < -2 * tolerance:
            break
        found = _line_search(loss, W, logits, direction, value=value, slope=slope)
        if found is None:
            break
        step_length, logits, probabilities, value = found
        step = step_length * direction
        W = W + step
        new_gradient = loss.gradient(probabilities, W)
        inverse_hessian.update(step, new_gradient - gradient)
        gradient = new_gradient
    return W


def _line_search(
    loss: SoftmaxLoss, W: Array, logits: Array, direction: Array, *, value: float, slope: float
) -> tuple[np.float32, Array, Array, float] | None:
    """Step length, logits, probabilities and loss where the strong Wolfe conditions hold.

    Newton's method in one dimension, kept within a factor of ten; None where nothing lowers
    the loss, which is the precision of float32.
    """
    change: Array = loss.design @ direction
    own_change = change[np.arange(len(change)), loss.codes]
    weights = loss.weights.astype(np.float64)
    penalty = loss.penalty(W)
    linear = float(np.vdot(loss.ridge * W, direction))
    quadratic = float(np.vdot(loss.ridge * direction, direction))
    length = np.float32(1)
    best = None
    for _ in range(_LINE_STEPS):
        moved = logits + length * change
        probabilities, data_loss = loss.of_logits(moved)
        moved_value = data_loss + penalty + length * (linear + 0.5 * length * quadratic)
        mean_change = np.einsum("ij,ij->i", probabilities, change)
        moved_slope = float(weights @ (mean_change - own_change)) + linear + length * quadratic
        enough = moved_value <= value + _SUFFICIENT_DECREASE * length * slope
        if moved_value < value and (best is None or moved_value < best[3]):
            best = (length, moved, probabilities, float(moved_value))
        if enough and abs(moved_slope) <= _CURVATURE * abs(slope):
            break
        square = np.einsum("ij,ij,ij->i", probabilities, change, change) - mean_change**2
        curvature = float(weights @ square) + quadratic
        if not curvature > 0:
            break
        newton = length - moved_slope / curvature
        length = np.float32(min(max(newton, 0.1 * length), 10 * length))
    return best
