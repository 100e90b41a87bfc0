"""The shares of classes among items whose class is unknown, and what follows for each item."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: A class is made that many times more probable at most.
MAX_WEIGHT = 10.0
#: Steps of the iteration, which begins at the source's shares. Stopping there leaves what the items
#: hardly tell as it was; run to the end it was further from the truth in simulations.
STEPS = 30
_PRECISION = 1e-7

Float64 = NDArray[np.float64]


def expected_shares(
    ratios: Float64, start: Float64, *, counts: Float64 | None = None, steps: int = STEPS
) -> Float64:
    """Maximise ``Σᵢ log Σⱼ qⱼ rᵢⱼ`` over shares q by expectation and maximisation.

    Parameters
    ----------
    ratios
        rᵢⱼ = p(j | xᵢ) / p(j) under the source, (m, k).
    start
        Shares to begin with, (k,); one that is 0 stays 0.
    counts
        How often each item occurs, (m,); once by default.
    steps
        Steps at most.

    References
    ----------
    Saerens, Latinne and Decaestecker 2002, Adjusting the outputs of a classifier to new a priori
    probabilities, eq. 2.9.

    Examples
    --------
    >>> ratios = np.array([[2.0, 0.0], [2.0, 0.0], [0.0, 2.0], [2.0, 0.0]])
    >>> expected_shares(ratios, np.array([0.5, 0.5])).tolist()
    [0.75, 0.25]
    """
    q: Float64 = np.asarray(start, dtype=np.float64)
    q = q / q.sum()
    weights = np.ones(len(ratios)) if counts is None else counts
    for _ in range(steps):
        after = q * (ratios.T @ (weights / np.maximum(ratios @ q, 1e-300)))
        after /= after.sum()
        moved = float(np.abs(after - q).max())
        q = after
        if moved < _PRECISION:
            break
    return q


def corrected(
    probabilities: ArrayLike, source: ArrayLike, target: ArrayLike, *, most: float = MAX_WEIGHT
) -> NDArray[np.float32]:
    """Probabilities (m, k) as they are if classes have other shares than those learnt from.

    Parameters
    ----------
    probabilities
        Calibrated under the source's shares, (m, k).
    source, target
        Shares of the classes, (k,).
    most
        Largest factor between the two that is believed.

    References
    ----------
    Saerens, Latinne and Decaestecker 2002, eq. 2.4.

    Examples
    --------
    >>> corrected([[0.5, 0.5]], [0.5, 0.5], [0.75, 0.25]).tolist()
    [[0.75, 0.25]]
    """
    weights = np.asarray(target, np.float64) / np.maximum(np.asarray(source, np.float64), 1e-12)
    rows = np.asarray(probabilities, np.float64) * np.minimum(weights, most)
    total = rows.sum(axis=1, keepdims=True)
    # Where nothing is left, the source's answer is the only one that there is.
    rows = np.where(total > 0, rows / np.where(total > 0, total, 1), probabilities)
    return rows.astype(np.float32)
