"""Correcting probabilities for other shares of classes only where that is safe."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from topwork.shift.class_priors import MAX_WEIGHT, corrected

#: Standard deviations by which the gain has to exceed 0: one-sided 0.5 %.
_SURE = 2.575829
_SMALLEST = 1e-12

Float64 = NDArray[np.float64]


def safe_shares(
    probabilities: Float64,
    calibrated: Float64,
    source: Float64,
    nearest: Float64,
    plausible: Float64,
) -> tuple[Float64, float]:
    """Shares to correct by, and a lower bound of the accuracy gained; the source's and 0 if none.

    Correcting by the estimated shares themselves loses accuracy where the estimate is off. So
    classes are moved only as far as their intervals are sure of, and what that does to the answers
    is judged under all plausible shares, with the luck of single items added.

    Parameters
    ----------
    probabilities
        What the model says, (m, k).
    calibrated
        The same, calibrated under the source's shares, (m, k).
    source
        Shares in the source, (k,).
    nearest
        Of the believable shares of each class the one nearest to the source's, (k,).
    plausible
        Shares in resamples, (b, k).

    Examples
    --------
    >>> p = np.tile([[0.55, 0.45]], (200, 1))
    >>> even, other = np.array([0.5, 0.5]), np.array([0.2, 0.8])
    >>> shares, gain = safe_shares(p, p, even, other, np.array([[0.2, 0.8], [0.1, 0.9]]))
    >>> shares.tolist(), gain > 0.2
    ([0.2, 0.8], True)
    """
    adjusted = np.minimum(nearest, MAX_WEIGHT * source)
    adjusted /= adjusted.sum()
    old = probabilities.argmax(axis=1)
    new = corrected(probabilities, source, adjusted).argmax(axis=1)
    changed = np.flatnonzero(old != new)
    if len(changed) == 0:
        return source, 0.0
    ratios = calibrated[changed] / np.maximum(source, _SMALLEST)
    gained, luck = _gains(ratios, old[changed], new[changed], plausible)
    lower = gained.mean() - _SURE * np.sqrt(gained.var() + luck.mean())
    return (adjusted, float(lower) / len(old)) if lower > 0 else (source, 0.0)


def _gains(
    ratios: Float64, old: NDArray[np.intp], new: NDArray[np.intp], plausible: Float64
) -> tuple[Float64, Float64]:
    """Answers set right under each of the shares (b, k), and the variance of that by luck, (b,)."""
    rows = np.arange(len(ratios))
    gained, luck = np.empty(len(plausible)), np.empty(len(plausible))
    for b, shares in enumerate(plausible):
        truth = ratios * shares
        truth /= np.maximum(truth.sum(axis=1, keepdims=True), 1e-300)
        better, worse = truth[rows, new], truth[rows, old]
        gained[b] = (better - worse).sum()
        luck[b] = (better + worse - np.square(better - worse)).sum()
    return gained, luck
