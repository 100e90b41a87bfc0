"""How precise the items are that a label's probability puts first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]


def average_precision(
    scores: NDArray[np.floating], positive: NDArray[np.bool_]
) -> tuple[float, Float64]:
    """Mean over the positives of the precision down to their score, and its influence.

    Items of equal scores come in together, as in scikit-learn. The influence (n,) is the derivative
    by each item's weight (the infinitesimal jackknife): what it adds to the error.

    Parameters
    ----------
    scores
        (n,), more being better.
    positive
        (n,), at least one of them.

    References
    ----------
    Jaeckel 1972, The infinitesimal jackknife.

    Examples
    --------
    >>> scores, positive = np.array([0.9, 0.8, 0.1]), np.array([True, False, True])
    >>> value, influence = average_precision(scores, positive)
    >>> round(value, 3), bool(abs(influence.sum()) < 1e-12)
    (0.833, True)
    """
    order = np.argsort(-scores, kind="stable")
    ranked, found = scores[order], positive[order].astype(np.float64)
    ends = np.flatnonzero(np.r_[np.diff(ranked) != 0, True])
    hits = np.cumsum(found)[ends]
    gained = np.diff(hits, prepend=0.0)
    seen = ends + 1.0
    precision, total = hits / seen, hits[-1]
    value = float((gained * precision).sum() / total)
    share = gained / total / seen
    later = np.cumsum(share[::-1])[::-1]
    lost = np.cumsum((share * precision)[::-1])[::-1]
    group = np.searchsorted(ends, np.arange(len(ranked)))
    own = found * (precision[group] - value) / total + found * later[group] - lost[group]
    influence = np.empty(len(ranked))
    influence[order] = own
    return value, influence
