"""One temperature and one bias a class, so that probabilities mean what they say class by class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.calibration.temperature import PRIOR_STRENGTH
from topwork.errors import ParameterError

#: How firmly biases of 0 are believed in: as an item of the class would speak.
_BIAS_STRENGTH = 1.0
_STEPS = 50
_PRECISION = 1e-7
_SHARPEST, _SOFTEST = 100.0, 0.01

Float64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class BiasCorrected:
    """``softmax(sharpness · logits + biases)``.

    Parameters
    ----------
    sharpness
        One over the temperature.
    biases
        (k,), in nats.
    """

    sharpness: float
    biases: Float64

    def probabilities(self, logits: NDArray[np.floating]) -> Float64:
        """Of logits (n, k), float64."""
        scaled = self.sharpness * np.asarray(logits, dtype=np.float64) + self.biases
        scaled -= scaled.max(axis=1, keepdims=True)
        np.exp(scaled, out=scaled)
        scaled /= scaled.sum(axis=1, keepdims=True)
        return scaled

    def moved(self, step: Float64) -> BiasCorrected:
        """With (k + 1,) added: to the sharpness, which stays in its range, and to the biases."""
        sharpness = float(np.clip(self.sharpness + step[0], _SOFTEST, _SHARPEST))
        return BiasCorrected(sharpness, self.biases + step[1:])


@dataclass(frozen=True, eq=False)
class FittedBias:
    """The calibration, and what every item adds to its error.

    Parameters
    ----------
    value
        The calibration.
    influence
        (n, k + 1); with item i counted wᵢ times the parameters move by Σ (wᵢ − 1) influenceᵢ, to
        first order.
    """

    value: BiasCorrected
    influence: Float64


def fit_bias_corrected(logits: NDArray[np.floating], codes: NDArray[np.integer]) -> FittedBias:
    """The temperature and biases of the smallest log loss, drawn towards 1 and 0 if items are few.

    Newton's method on ``Σ log-loss + s (β − 1 − log β) + ½ Σ b²``, which is convex.

    Parameters
    ----------
    logits
        Held-out logits, (n, k).
    codes
        Class of each item, (n,), from 0 to k - 1.

    Raises
    ------
    ParameterError
        Shapes do not agree.

    References
    ----------
    Alexandari, Kundaje and Shrikumar 2020, Maximum likelihood with bias-corrected calibration is
    hard-to-beat at label shift adaptation, §2.3.

    Examples
    --------
    >>> logits = np.log([[0.5, 0.5]] * 1000)
    >>> fitted = fit_bias_corrected(logits, np.arange(1000) % 4 // 3).value
    >>> fitted.probabilities(logits)[0].round(2).tolist()
    [0.75, 0.25]
    """
    rows, own = np.asarray(logits, dtype=np.float64), np.asarray(codes)
    if rows.ndim != 2 or own.shape != rows.shape[:1]:
        raise ParameterError(
            f"logits has shape {rows.shape} and codes {own.shape}, expected (n, k) and (n,).",
            remedy="Give one row of logits and one code for each item.",
        )
    fitted = BiasCorrected(1.0, np.zeros(rows.shape[1]))
    for _ in range(_STEPS):
        newton = np.linalg.solve(_curvature(fitted, rows), -_slope(fitted, rows, own))
        step = _shortened(fitted, rows, own, newton.astype(np.float64))
        fitted = fitted.moved(step)
        if np.abs(step).max() < _PRECISION:
            break
    influence = np.linalg.solve(_curvature(fitted, rows), -_scores(fitted, rows, own).T).T
    return FittedBias(fitted, influence.astype(np.float64))


def _objective(fitted: BiasCorrected, rows: Float64, own: NDArray[np.integer]) -> float:
    p = fitted.probabilities(rows)[np.arange(len(own)), own]
    beta = fitted.sharpness
    prior = PRIOR_STRENGTH * (beta - 1 - np.log(beta))
    prior += _BIAS_STRENGTH * np.square(fitted.biases).sum() / 2
    return float(-np.log(np.maximum(p, 1e-300)).sum() + prior)


def _shortened(
    fitted: BiasCorrected, rows: Float64, own: NDArray[np.integer], step: Float64
) -> Float64:
    """The step, halved until it helps and the sharpness stays positive."""
    now = _objective(fitted, rows, own)
    for _ in range(30):
        inside = fitted.sharpness + step[0] > _SOFTEST
        if inside and _objective(fitted.moved(step), rows, own) <= now + 1e-10:
            return step
        step = step / 2
    return np.zeros_like(step)


def _scores(fitted: BiasCorrected, rows: Float64, own: NDArray[np.integer]) -> Float64:
    """Slope of each item's log loss, (n, k + 1)."""
    excess = fitted.probabilities(rows)
    excess[np.arange(len(own)), own] -= 1
    return np.column_stack([np.einsum("ij,ij->i", excess, rows), excess])


def _slope(fitted: BiasCorrected, rows: Float64, own: NDArray[np.integer]) -> Float64:
    slope: Float64 = _scores(fitted, rows, own).sum(axis=0)
    slope[0] += PRIOR_STRENGTH * (1 - 1 / fitted.sharpness)
    slope[1:] += _BIAS_STRENGTH * fitted.biases
    return slope


def _curvature(fitted: BiasCorrected, rows: Float64) -> Float64:
    """Second derivatives, (k + 1, k + 1)."""
    p = fitted.probabilities(rows)
    k = p.shape[1]
    mean = np.einsum("ij,ij->i", p, rows)
    matrix = np.empty((k + 1, k + 1))
    matrix[0, 0] = np.sum(p * np.square(rows - mean[:, None]))
    matrix[0, 1:] = matrix[1:, 0] = np.sum(p * (rows - mean[:, None]), axis=0)
    matrix[1:, 1:] = np.diag(p.sum(axis=0)) - p.T @ p
    matrix[0, 0] += PRIOR_STRENGTH / fitted.sharpness**2
    matrix[np.arange(1, k + 1), np.arange(1, k + 1)] += _BIAS_STRENGTH
    return matrix
