"""How well probabilities put the items of a class above the others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]


def midranks(values: NDArray[np.floating]) -> Float64:
    """Rank of each value (n,), from 1; equal values share the mean of their ranks.

    Examples
    --------
    >>> midranks(np.array([5.0, 1.0, 5.0])).tolist()
    [2.5, 1.0, 2.5]
    """
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[place])


def auroc(scores: NDArray[np.floating], positive: NDArray[np.bool_]) -> tuple[float, Float64]:
    """Chance that a positive scores above a negative, ties counting half, and its influence.

    The influence (n,) is what each item adds to the error; its squares sum to about the
    variance.

    References
    ----------
    DeLong, DeLong and Clarke-Pearson 1988, Comparing the areas under two or more correlated
    receiver operating characteristic curves, eq. 3 to 5.

    Examples
    --------
    >>> auroc(np.array([0.9, 0.4, 0.6]), np.array([True, False, True]))[0]
    1.0
    """
    n_positive, n = int(positive.sum()), len(scores)
    n_negative = n - n_positive
    ranks = midranks(scores)
    won = np.empty(n)
    won[positive] = (ranks[positive] - midranks(scores[positive])) / n_negative
    won[~positive] = 1 - (ranks[~positive] - midranks(scores[~positive])) / n_positive
    value = float(won[positive].mean())
    return value, (won - value) / np.where(positive, n_positive, n_negative)


def macro_auroc(
    probabilities: NDArray[np.floating], codes: NDArray[np.integer]
) -> tuple[float, Float64] | None:
    """Mean over the classes present of ``auroc`` against all others, and its influence (n,).

    None where only one class is present.

    Examples
    --------
    >>> macro_auroc(np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([0, 1]))[0]
    1.0
    """
    present = np.unique(codes)
    if len(present) < 2:
        return None
    values, influence = 0.0, np.zeros(len(codes))
    for code in present:
        value, own = auroc(probabilities[:, code], codes == code)
        values += value
        influence += own
    return values / len(present), influence / len(present)
