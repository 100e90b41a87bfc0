"""How sure a mean over episodes is: over episodes, and over classes and items."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_MIN_LEFT = 10
"""Episodes without a class that are needed to leave it out."""


def over_episodes(accuracies: NDArray[np.floating], *, lowest: float = 0.0) -> tuple[float, float]:
    """The 95 % interval of the mean accuracy (e,) if more episodes of the same items were drawn.

    Examples
    --------
    >>> [round(float(bound), 3) for bound in over_episodes(np.array([0.5, 0.7] * 50))]
    [0.58, 0.62]
    """
    if len(accuracies) < 2:
        return lowest, 1.0
    half = 1.96 * float(accuracies.std(ddof=1)) / np.sqrt(len(accuracies))
    mean = float(accuracies.mean())
    return max(lowest, mean - half), min(1.0, mean + half)


def over_classes(
    accuracies: NDArray[np.floating],
    classes: NDArray[np.integer],
    *,
    lowest: float = 0.0,
    highest: float = 1.0,
) -> tuple[float, float]:
    """The 95 % interval of the mean accuracy if other classes of the same kind were taken.

    Episodes draw on the same few classes and items again and again, so that their number says
    nothing about other classes. The mean is a U-statistic of the classes; its variance is that of
    the jackknife, each class being left out with its items.

    Parameters
    ----------
    accuracies
        (e,).
    classes
        Of each episode, (e, ways).
    lowest, highest
        Bounds of what is averaged, which are the interval where nothing can be said: classes that
        can't be left out, because hardly an episode is without them.

    References
    ----------
    Arvesen 1969, Jackknifing U-statistics.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> classes = np.array([rng.choice(12, 5, replace=False) for _ in range(600)])
    >>> hard = np.linspace(0.5, 0.9, 12)[classes].mean(axis=1)
    >>> low, high = over_classes(hard, classes)
    >>> bool(0.6 < low < 0.7 < high < 0.8)
    True
    """
    from scipy.stats import t

    mean, present = float(accuracies.mean()), np.unique(classes)
    without = [~(classes == c).any(axis=1) for c in present]
    if len(present) < 3 or min(rows.sum() for rows in without) < _MIN_LEFT:
        return lowest, highest
    left_out = np.array([accuracies[rows].mean() for rows in without])
    k = len(present)
    variance = (k - 1) / k * float(np.square(left_out - left_out.mean()).sum())
    half = float(t.ppf(0.975, k - 1)) * np.sqrt(variance)
    return max(lowest, mean - half), min(highest, mean + half)
