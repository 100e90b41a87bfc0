"""95 % intervals in closed form, for items that are independent or come in groups.

A score is expanded into what each item contributes to its error (its influence), summed within
groups. Shares between 0 and 1 get Wilson's interval for the number of independent items that would
vary as much; mean losses get Hall's correction for skewness. Percentile bootstraps were worse:
they shrink to nothing where every item is right, and miss the tail of a mean loss.

Coverage in 1,000 simulated repeats a setting, with 15 to 3,030 items and 3 to 101 classes, equal
and unequal. Accuracy: 94 to 98 %. Balanced accuracy: 95 to 98 %, more where a class has one or
two items, where the interval is wide. Macro F1: 93 to 99 %, lowest with many classes of three
items. With groups: 94 to 99.9 %, too wide where items of a group are in fact independent and
nearly all right. Mean log loss: 93 to 96 % from 300 items on; 90 % for 20 items with rare large
losses. Cross-validated balanced accuracy at 60, 300 and 2,000 items, with and without groups: 94 to
99 % for stable heads, 93 % for nearest neighbours, 0.9 to 1.3 times as wide as for an oracle that
draws the data anew. An interval cannot know of errors of a kind that has not occurred, and holds
for data like those it was measured on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

Float64 = NDArray[np.float64]
_Z = NormalDist().inv_cdf(0.975)
#: Errors that are imagined beside the real ones, as dependent within groups as can be.
_PRIOR_ERRORS = 2.0
#: What cross-validated scores vary more than those of fixed models, because other items would also
#: have trained other models. Variances over what items alone explain, simulated, at 60 and 300
#: items: 0.9 to 1.1 for nearest means, 1.0 to 1.7 for ridge, 1.2 to 1.9 for nearest neighbours;
#: 0.9 at 2,000. No estimate from one set of items is unbiased (Bengio and Grandvalet 2004).
_TRAINING, _TRAINING_FALLS_FROM = 0.44, 300


def quantile_95(degrees: float) -> float:
    """The 97.5 % quantile of Student's t (Cornish and Fisher's expansion; 4 % low at 2 degrees).

    Examples
    --------
    >>> round(quantile_95(10), 2), round(quantile_95(1e9), 2)
    (2.23, 1.96)
    """
    z, v = _Z, max(degrees, 1.0)
    return (
        z
        + (z**3 + z) / (4 * v)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * v**3)
    )


def wilson(
    share: ArrayLike, size: ArrayLike, *, quantile: ArrayLike = _Z
) -> tuple[Float64, Float64]:
    """Wilson's score interval of shares for (effective) sample sizes; size 0 gives [0, 1].

    Examples
    --------
    >>> low, high = wilson(1.0, 60)
    >>> round(float(low), 3), float(high)
    (0.94, 1.0)
    """
    p, n = np.asarray(share, dtype=np.float64), np.asarray(size, dtype=np.float64)
    squared = np.square(quantile)
    centre = (n * p + squared / 2) / (n + squared)
    half = np.sqrt(squared * (n * p * (1 - p) + squared / 4)) / (n + squared)
    return np.clip(centre - half, 0, p), np.clip(centre + half, p, 1)


@dataclass(frozen=True, eq=False)
class Units:
    """What varies independently: items, or groups of them.

    Parameters
    ----------
    members
        Number of each item's unit, (n,), from 0 to ``count`` - 1.
    count
        How many units there are.
    inflation
        Variance of a score over what the units alone would make it.
    repeats
        How often each item occurs.
    """

    members: NDArray[np.intp]
    count: int
    inflation: float = 1.0
    repeats: int = 1

    @classmethod
    def of(
        cls, n_items: int, groups: ArrayLike | None = None, *, cross_validated: bool = False
    ) -> Units:
        """Every item a unit, or every group; judged models were trained on folds of them or not."""
        if groups is None:
            count, members = n_items, np.arange(n_items)
        else:
            names, inverse = np.unique(np.asarray(groups), return_inverse=True)
            count, members = len(names), inverse.reshape(-1)
        return cls(members, count, _training_inflation(count) if cross_validated else 1.0)

    def repeated(self, times: int) -> Units:
        """The same units when all items occur that often, one series after the other."""
        members = np.tile(self.members, times)
        return replace(self, members=members, repeats=self.repeats * times)

    @property
    def single(self) -> bool:
        """Whether every unit is one item."""
        return self.count == len(self.members)

    @property
    def independent(self) -> float:
        """(Σ size)² / Σ size²: as many independent units would vary as a mean over these does."""
        sizes = np.bincount(self.members).astype(np.float64)
        return float(sizes.sum() ** 2 / np.square(sizes).sum())

    def total(self, influence: Float64) -> Float64:
        """Sums of the items' influence (n,) within each unit."""
        return np.bincount(self.members, influence, self.count).astype(np.float64)

    def variance(self, influence: Float64) -> float:
        """Variance of Σ influence, units independent."""
        if self.count < 2:
            return float("inf")
        return float(np.square(self.total(influence)).sum() * self.count / (self.count - 1))

    @property
    def degrees(self) -> float:
        """Degrees of freedom of a variance between units; items count as many enough."""
        return np.inf if self.single else self.count - 1


def _training_inflation(units: int) -> float:
    return 1 + _TRAINING * min(1.0, float(np.sqrt(_TRAINING_FALLS_FROM / max(units, 1))))


def share_interval(
    value: float,
    influence: Float64,
    *,
    independent: float,
    ceiling: float,
    units: Units,
    degrees: float = np.inf,
) -> tuple[float, float]:
    """Interval of a score between 0 and 1.

    Parameters
    ----------
    value
        The score.
    influence
        What each item adds to the error of the score, (n,), summing to 0.
    independent
        Variance of the score if items were independent.
    ceiling
        The number of items that a share would need to vary as much as this score does, if all
        items were right with the same probability.
    units
        What varies independently.
    degrees
        Degrees of freedom behind ``independent``; the normal distribution for infinitely many.
    """
    if units.count < 2:
        return 0.0, 1.0
    spread = value * (1 - value)
    size = min(ceiling, spread / independent) if spread > 0 and independent > 0 else ceiling
    size /= units.inflation
    if not units.single:
        size /= _design_effect(value, influence, independent, units)
    low, high = wilson(value, size, quantile=quantile_95(min(degrees, units.degrees)))
    return float(low), float(high)


def _design_effect(value: float, influence: Float64, independent: float, units: Units) -> float:
    """How much more the score varies because items come in groups, 1 or more.

    The estimate from a few errors says little; the worst that the group sizes allow, items of a
    group all right or all wrong, counts as much as ``_PRIOR_ERRORS`` errors.
    """
    n = len(influence)
    worst = float(np.square(np.bincount(units.members)).sum()) / n
    errors = n / units.repeats * min(value, 1 - value)
    found = units.variance(influence) / independent if independent > 0 else worst
    found = max(found, float(units.repeats))
    return (errors * found + _PRIOR_ERRORS * max(worst, found)) / (errors + _PRIOR_ERRORS)


def mean_interval(values: Float64, units: Units) -> tuple[float, float]:
    """Interval of the mean of skewed values (n,), none of them negative.

    Hall's monotone cubic transformation of the t statistic (Hall 1992, On the removal of
    skewness by transformation, J. R. Statist. Soc. B 54, eq. 2.3), as good as a studentised
    bootstrap.

    Examples
    --------
    >>> low, high = mean_interval(np.array([0.1, 0.2, 0.1, 3.0]), Units.of(4))
    >>> low < 0.85 < high
    True
    """
    mean, m = float(values.mean()), units.count
    if m < 2:
        return 0.0, float("inf")
    centred = units.total(values - mean) * m / len(values)
    spread = float(np.sqrt(np.square(centred).mean()))
    if spread <= 1e-12 * max(mean, 1e-300):
        return mean, mean
    skewness = float(np.power(centred / spread, 3).mean()) / np.sqrt(m)
    quantile = quantile_95(m - 1)
    error = spread * np.sqrt(units.inflation / (m - 1))
    low = mean - float(error * _hall(quantile, skewness))
    high = mean - float(error * _hall(-quantile, skewness))
    return max(0.0, min(low, mean)), max(high, mean)


def _hall(t: float, skewness: float) -> float:
    """Where the transformed statistic equals t; ``skewness`` is divided by √m already."""
    if abs(skewness) < 1e-6:
        return t
    return float(3 / skewness * (np.cbrt(1 + skewness * (t - skewness / 6)) - 1))
