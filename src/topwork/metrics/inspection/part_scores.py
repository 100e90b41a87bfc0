"""How well scores tell defective parts from good ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.metrics.auroc import auroc
from topwork.metrics.intervals import Units, share_interval
from topwork.metrics.records import Score

_PAIRS = 3.0
"""A misplaced part loses only some of its comparisons: areas vary less than shares do."""


def part_auroc(
    scores: NDArray[np.floating], defective: NDArray[np.bool_], groups: ArrayLike | None = None
) -> Score | None:
    """Chance that a defective part scores above a good one; None where there is none of them.

    Parameters
    ----------
    scores, defective
        ``(n,)``.
    groups
        Part that each shows, ``(n,)``: the interval takes groups, not images, as independent.

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
        units=Units.of(n, groups),
    )
    return Score(value=value, low=low, high=high)


def share(flags: NDArray[np.bool_], groups: ArrayLike | None = None) -> Score | None:
    """The share of images ``(n,)`` that are flagged; None without images.

    Parameters
    ----------
    groups
        As in `part_auroc`.

    Examples
    --------
    >>> share(np.array([True, False])).value
    0.5
    """
    n = len(flags)
    if not n:
        return None
    value = float(flags.mean())
    low, high = share_interval(
        value,
        (flags - value) / n,
        independent=value * (1 - value) / n,
        ceiling=n,
        units=Units.of(n, groups),
    )
    return Score(value=value, low=low, high=high)
