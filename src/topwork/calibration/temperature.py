"""One temperature for all logits, so that a probability means what it says."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from topwork.errors import ParameterError
from topwork.metrics.records import Record

#: How firmly 1 is believed in before an item was seen, in nats. In simulations with 30 to 2,000
#: items, 1 let few items overfit and 10 left much of what 300 items could have told.
PRIOR_STRENGTH = 10.0
_SHARPEST, _SOFTEST = 100.0, 0.01
_STEPS = 60
_PRECISION = 1e-6

Float64 = NDArray[np.float64]


class Temperature(Record):
    """What logits are divided by before the softmax.

    Parameters
    ----------
    value
        The temperature; 1 leaves probabilities as they are, more makes them humbler.
    n_items
        Items that it was fitted on.
    log_loss_before, log_loss_after
        Mean log loss of those items at temperature 1 and at ``value``; None without items.
    """

    value: float
    n_items: int
    log_loss_before: float | None
    log_loss_after: float | None


def fit_temperature(
    logits: NDArray[np.floating],
    codes: NDArray[np.integer],
    *,
    seen: NDArray[np.bool_] | None = None,
    strength: float = PRIOR_STRENGTH,
) -> Temperature:
    """The temperature of the smallest log loss, drawn towards 1 where items are few.

    With β = 1/T it minimises ``Σᵢ log-lossᵢ(β zᵢ) + s (β − 1 − log β)``, which is convex in β.
    The second term is a Gamma prior with its mode at 1; without it the temperature goes to 0 as
    soon as all items are right.

    Parameters
    ----------
    logits
        Held-out logits, (n, k).
    codes
        Class of each item, (n,), from 0 to k - 1.
    seen
        (n,), whether the judging head knew the item's class; the others are left out. All by
        default.
    strength
        s, in nats.

    Raises
    ------
    ParameterError
        Shapes do not agree.

    References
    ----------
    Guo et al. 2017, On calibration of modern neural networks, §4.2.

    Examples
    --------
    >>> logits = 8.0 * np.eye(2)[[0, 0, 0, 1] * 50]
    >>> codes = np.array([0, 0, 0, 0] * 50)
    >>> fit_temperature(logits, codes).value > 5
    True
    """
    rows, own = _kept(np.asarray(logits), np.asarray(codes), seen)
    if len(rows) == 0:
        return Temperature(value=1.0, n_items=0, log_loss_before=None, log_loss_after=None)
    excess = rows - rows[np.arange(len(rows)), own][:, None]
    sharpness = _minimum(excess, strength)
    return Temperature(
        value=1 / sharpness,
        n_items=len(rows),
        log_loss_before=_log_loss(excess, 1.0),
        log_loss_after=_log_loss(excess, sharpness),
    )


def _kept(
    logits: NDArray[np.floating], codes: NDArray[np.integer], seen: NDArray[np.bool_] | None
) -> tuple[Float64, NDArray[np.integer]]:
    if logits.ndim != 2 or codes.shape != logits.shape[:1]:
        raise ParameterError(
            f"logits has shape {logits.shape} and codes {codes.shape}, expected (n, k) and (n,).",
            remedy="Give one row of logits and one code for each item.",
        )
    kept = np.ones(len(codes), dtype=bool) if seen is None else np.asarray(seen)
    return logits[kept].astype(np.float64), codes[kept]


def _weights(excess: Float64, sharpness: float) -> tuple[Float64, Float64]:
    """exp(β (zⱼ − z_own) − m) (n, k) and the shift m (n,) that keeps it from overflowing."""
    scaled = sharpness * excess
    shift = scaled.max(axis=1)
    return np.exp(scaled - shift[:, None]), shift


def _log_loss(excess: Float64, sharpness: float) -> float:
    weights, shift = _weights(excess, sharpness)
    return float(np.mean(np.log(weights.sum(axis=1)) + shift))


def _slopes(excess: Float64, sharpness: float, strength: float) -> tuple[float, float]:
    """First and second derivative by β of what is minimised."""
    weights, _ = _weights(excess, sharpness)
    weights /= weights.sum(axis=1, keepdims=True)
    first = np.einsum("ij,ij->i", weights, excess)
    second = np.einsum("ij,ij,ij->i", weights, excess, excess) - first**2
    slope = float(first.sum()) + strength * (1 - 1 / sharpness)
    return slope, float(second.sum()) + strength / sharpness**2


def _minimum(excess: Float64, strength: float) -> float:
    """Newton's method, kept inside a bracket that shrinks."""
    low, high = _SOFTEST, _SHARPEST
    sharpness = 1.0
    for _ in range(_STEPS):
        slope, curvature = _slopes(excess, sharpness, strength)
        low, high = (low, sharpness) if slope > 0 else (sharpness, high)
        newton = sharpness - slope / curvature if curvature > 0 else low
        step = newton if low < newton < high else float(np.sqrt(low * high))
        if abs(step - sharpness) <= _PRECISION * sharpness:
            return step
        sharpness = step
    return sharpness
