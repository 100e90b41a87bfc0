"""The cumulative logit model: one direction, and thresholds between neighbouring classes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.heads.axes import PrincipalAxes, principal_axes
from topwork.tasks.number.ridge import shrunk_deviations

_SMALLEST = 1e-12
_LARGEST_GAP = 15.0
_PSEUDO = 0.5
_ITERATIONS = 300
_TOLERANCE = 1e-6
_USUAL_CURVATURE = 0.3
"""Of the mean log loss along the direction, about."""

_WEAK = 1e-4
"""Penalty of the slope where there is nothing but that and thresholds to fit."""

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Codes = NDArray[np.integer]


def cumulative_probabilities(logits: NDArray[np.floating]) -> Float64:
    """Probabilities of k classes, ``(n, k)``, from the logits of being at most each but the last.

    Examples
    --------
    >>> cumulative_probabilities(np.array([[0.0, np.log(3)]])).round(3).tolist()
    [[0.5, 0.25, 0.25]]
    """
    z = np.asarray(logits, np.float64)
    below = np.concatenate([np.full((len(z), 1), -np.inf), z], axis=1)
    above = np.concatenate([z, np.full((len(z), 1), np.inf)], axis=1)
    p = np.maximum(_between(below, above), _SMALLEST)
    return np.asarray(p / p.sum(axis=1, keepdims=True))


def _between(below: Float64, above: Float64) -> Float64:
    """σ(above) - σ(below), exact in both tails."""
    mirrored = below > 0
    low, high = np.where(mirrored, -above, below), np.where(mirrored, -below, above)
    return np.asarray(_sigmoid(high) - _sigmoid(low))


def _sigmoid(z: Float64) -> Float64:
    e = np.exp(-np.abs(z))
    return np.asarray(np.where(z >= 0, 1, e) / (1 + e))


def cumulative_loss(logits: Float64, codes: Codes) -> float:
    """Summed log loss of classes ``(n,)`` by cumulative logits ``(n, k - 1)``."""
    own = cumulative_probabilities(logits)[np.arange(len(codes)), codes]
    return float(-np.log(own).sum())


@dataclass(frozen=True, eq=False)
class Cutpoints:
    """What makes probabilities of positions along the direction.

    Parameters
    ----------
    slope
        Positions are multiplied by it.
    thresholds
        Between neighbouring classes, ``(k - 1,)``, rising.
    """

    slope: float
    thresholds: Float64

    def logits(self, positions: NDArray[np.floating]) -> Float64:
        """Of being at most each class but the last, ``(n, k - 1)``."""
        return np.asarray(self.thresholds - self.slope * np.asarray(positions)[:, None])

    def probabilities(self, positions: NDArray[np.floating]) -> Float64:
        """Of each class, ``(n, k)``."""
        return cumulative_probabilities(self.logits(positions))

    @classmethod
    def of(cls, positions: NDArray[np.floating], codes: Codes, n_classes: int) -> Cutpoints:
        """As held-out positions ``(n,)`` and their classes suggest.

        Examples
        --------
        >>> z = np.linspace(-1, 1, 60)
        >>> found = Cutpoints.of(z, np.repeat([0, 1, 2], 20), 3)
        >>> found.probabilities(np.array([-0.9, 0, 0.9])).argmax(axis=1).tolist()
        [0, 1, 2]
        """
        z = np.asarray(positions, np.float64)
        mean, deviation = float(z.mean()), max(float(z.std()), _SMALLEST)
        column = ((z - mean) / deviation)[:, None]
        start = np.concatenate([[1.0], _start(codes, n_classes)])
        found = _minimised(column, codes, ridge=np.array([_WEAK]), start=start)
        slope = float(found[0]) / deviation
        return cls(slope, _thresholds(found[1:]) + slope * mean)


@dataclass(frozen=True, eq=False)
class CumulativeProblem:
    """Features of n items along their standardised principal axes, and their classes.

    Parameters
    ----------
    design
        Coordinates, ``(n, r)``.
    codes
        Class of each item, ``(n,)``, of ``n_classes``.
    axes, deviation
        What makes coordinates of features: these are divided by the deviations, ``(d,)``.
    """

    design: Float32
    codes: Codes
    n_classes: int
    axes: PrincipalAxes
    deviation: Float32

    @classmethod
    def prepare(
        cls, X: ArrayLike, codes: Codes, n_classes: int, *, standardise: bool = True
    ) -> CumulativeProblem:
        """Standardise features ``(n, d)`` and turn them onto their principal axes."""
        rows = np.asarray(X, np.float32)
        deviation = shrunk_deviations(rows) if standardise else np.ones(rows.shape[1], np.float32)
        scaled = rows / deviation
        axes = principal_axes(scaled)
        design = axes.design(scaled)[:, : len(axes.variances)]
        return cls(np.ascontiguousarray(design), codes, n_classes, axes, deviation)

    def fit(self, rows: NDArray[np.intp], strength: float, start: Float64 | None = None) -> Float64:
        """Coefficients along the axes, then of the thresholds, ``(r + k - 1,)``.

        Parameters
        ----------
        rows
            Positions of the items to learn from.
        strength
            Of the penalty, in units of the total variance of the features.
        start
            Coefficients nearby.
        """
        ridge = np.full(self.design.shape[1], strength * max(self.axes.variances.sum(), _SMALLEST))
        if start is None:
            blank = np.zeros(self.design.shape[1])
            start = np.concatenate([blank, _start(self.codes[rows], self.n_classes)])
        return _minimised(
            self.design[rows],
            self.codes[rows],
            ridge=ridge,
            start=start,
            variances=self.axes.variances,
        )

    def cutpoints(self, coefficients: Float64) -> Cutpoints:
        """The thresholds of a fit, for positions as they come."""
        return Cutpoints(1.0, _thresholds(coefficients[self.design.shape[1] :]))

    def positions(self, rows: NDArray[np.intp], coefficients: Float64) -> Float64:
        """Of items along the direction, ``(m,)``."""
        w = coefficients[: self.design.shape[1]].astype(np.float32)
        return np.asarray(self.design[rows] @ w, np.float64)

    def linear(self, coefficients: Float64) -> tuple[Float32, float]:
        """Weight ``(d,)`` and bias that give the same positions of features as they come."""
        inner = coefficients[: self.design.shape[1]].astype(np.float32)
        weight = inner if self.axes.rotation is None else self.axes.rotation @ inner
        shift = float(self.axes.mean.astype(np.float64) @ weight.astype(np.float64))
        return np.asarray(weight / self.deviation, np.float32), -shift


def _start(codes: Codes, n_classes: int) -> Float64:
    """Thresholds that know only how frequent each class is, as `_thresholds` reads them."""
    counts = np.bincount(codes, minlength=n_classes) + _PSEUDO
    below = np.cumsum(counts)[:-1] / counts.sum()
    found = np.log(below / (1 - below))
    return np.concatenate([found[:1], np.log(np.maximum(np.diff(found), 1e-6))])


def _thresholds(free: Float64) -> Float64:
    """Rising thresholds from the first of them and the logarithms of the gaps."""
    gaps = np.exp(np.clip(free[1:], -_LARGEST_GAP, _LARGEST_GAP))
    return np.asarray(free[0] + np.concatenate([[0.0], np.cumsum(gaps)]))


def _minimised(
    design: NDArray[np.floating],
    codes: Codes,
    *,
    ridge: Float64,
    start: Float64,
    variances: Float64 | None = None,
) -> Float64:
    """The penalised maximum likelihood (McCullagh 1980), by L-BFGS along scaled axes."""
    from scipy.optimize import minimize

    r = design.shape[1]
    spread = np.ones(r) if variances is None else variances
    scale = np.sqrt(_USUAL_CURVATURE * spread + ridge)
    loss = _loss(design, codes, ridge)

    def scaled(x: Float64) -> tuple[float, Float64]:
        value, gradient = loss(np.concatenate([x[:r] / scale, x[r:]]))
        gradient[:r] /= scale
        return value, gradient

    begin = np.concatenate([start[:r] * scale, start[r:]])
    options = {"maxiter": _ITERATIONS, "gtol": _TOLERANCE, "ftol": 1e-9}
    found = minimize(scaled, begin, jac=True, method="L-BFGS-B", options=options).x
    return np.concatenate([found[:r] / scale, found[r:]])


def _loss(
    design: NDArray[np.floating], codes: Codes, ridge: Float64
) -> Callable[[Float64], tuple[float, Float64]]:
    n, r = design.shape
    rows = np.arange(n)

    def loss(x: Float64) -> tuple[float, Float64]:
        w, free = x[:r], x[r:]
        theta = np.concatenate([[-np.inf], _thresholds(free), [np.inf]])
        z = np.asarray(design @ w.astype(design.dtype), np.float64)
        below, above = theta[codes] - z, theta[codes + 1] - z
        p = np.maximum(_between(below, above), _SMALLEST)
        low, high = _sigmoid(below), _sigmoid(above)
        along = (1 - low - high) / n
        at = np.zeros((n, len(theta)))
        at[rows, codes + 1] -= high * (1 - high) / p
        at[rows, codes] += low * (1 - low) / p
        by_theta = at.sum(axis=0)[1:-1] / n
        tail = np.cumsum(by_theta[::-1])[::-1]
        gaps = np.exp(np.clip(free[1:], -_LARGEST_GAP, _LARGEST_GAP))
        gradient = np.concatenate(
            [
                np.asarray(design.T @ along.astype(design.dtype), np.float64) + ridge * w,
                tail[:1],
                tail[1:] * gaps,
            ]
        )
        value = float(-np.log(p).mean() + 0.5 * (ridge * w) @ w)
        return value, gradient

    return loss
