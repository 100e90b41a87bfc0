"""How well scores tell defective parts from good ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from topwork.metrics.auroc import auroc
from topwork.metrics.intervals import Units, share_interval, wilson
from topwork.metrics.records import Score

_PAIRS = 3.0
"""A misplaced part loses only some of its comparisons: areas vary less than shares do."""


def part_auroc(scores: NDArray[np.floating], defective: NDArray[np.bool_]) -> Score | None:
    """Chance that a defective part scores above a good one; None where there is none of them.

    Parameters
    ----------
    scores, defective
        ``(n,)``.

    Examples
    --------
    >>> part_auroc(np.arange(4.0), np.array([False, False, True, True])).value
    1.0
    """
    n_defective, n = int(defective.sum()), len(defective)
    if not 0 < n_defective < n:
        return None
    value, influence = auroc(scores, defective)
    low, high = share_interval(
        value,
        influence,
        independent=float(np.square(influence).sum()),
        ceiling=_PAIRS * min(n_defective, n - n_defective),
        units=Units.of(n),
    )
    return Score(value=value, low=low, high=high)


def share(flags: NDArray[np.bool_]) -> Score | None:
    """The share of parts ``(n,)`` that are flagged; None without parts.

    Examples
    --------
    >>> share(np.array([True, False])).value
    0.5
    """
    if not len(flags):
        return None
    value = float(flags.mean())
    low, high = wilson(value, len(flags))
    return Score(value=value, low=float(low), high=float(high))
