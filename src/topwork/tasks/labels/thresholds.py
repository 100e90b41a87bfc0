"""From which probability a label is given: where its F1 is largest."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]

USUAL = 0.5
"""Where nothing can be learnt."""

MIN_POSITIVES = 5
"""Items with a label, fewer of which say nothing about its threshold."""

_WEIGHT_OF_LABELS = 0.5
"""How much the labels count beside the probabilities themselves, which vary less."""


def f1_threshold(probabilities: NDArray[np.floating], presence: NDArray[np.integer]) -> float:
    """The probability from which a label is given so that its F1 is largest.

    The F1 is that of targets half of which are the labels and half the probabilities: the labels
    alone overfit where few items have the label, and calibrated probabilities alone would trust the
    calibration. At least half as many items are given the label as have it, and at least half as
    many are not given it as don't have it, so that no constant is predicted.

    Parameters
    ----------
    probabilities
        Held-out and calibrated, (n,).
    presence
        (n,): 1, 0, or -1 where it is unknown.

    Examples
    --------
    >>> p = np.linspace(0.01, 0.6, 100)
    >>> 0.2 < f1_threshold(p, (p > 0.3).astype(int)) < 0.4
    True
    """
    known = presence >= 0
    p, y = np.asarray(probabilities, np.float64)[known], presence[known] == 1
    n, has = len(p), int(y.sum())
    if has < MIN_POSITIVES or n - has < MIN_POSITIVES:
        return USUAL
    order = np.argsort(-p, kind="stable")
    ranked = p[order]
    soft = _WEIGHT_OF_LABELS * y[order] + (1 - _WEIGHT_OF_LABELS) * ranked
    given = np.arange(1, n + 1)
    f1 = 2 * np.cumsum(soft) / (given + soft.sum())
    allowed = (given >= has / 2) & (given <= (n + has) / 2) & (given < n)
    allowed[:-1] &= ranked[:-1] > ranked[1:]
    if not allowed.any():
        return USUAL
    best = int(np.where(allowed, f1, -1.0).argmax())
    return float((ranked[best] + ranked[best + 1]) / 2)


def log_odds(shares: NDArray[np.floating] | float) -> Float64:
    """Logarithm of p / (1 - p), finite.

    Examples
    --------
    >>> float(log_odds(0.5))
    0.0
    """
    p = np.clip(np.asarray(shares, np.float64), 1e-12, 1 - 1e-12)
    return np.asarray(np.log(p) - np.log1p(-p))


def probability(logits: NDArray[np.floating]) -> Float64:
    """1 / (1 + exp(-z)), of any shape.

    Examples
    --------
    >>> float(probability(np.zeros(())))
    0.5
    """
    from scipy.special import expit

    return np.asarray(expit(np.asarray(logits, np.float64)))
