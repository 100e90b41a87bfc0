"""Which score is an anomaly, at a rate of false alarms that is promised from good parts alone."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.errors import DataError
from topwork.metrics.records import Score
from topwork.runtime.counted import counted

FEW_GROUPS = 60
"""Below so many groups the largest score of each stands for the group: scores of parts would
promise too much."""

_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False, slots=True)
class GoodScores:
    """Held-out scores of good parts, which new ones are ranked among.

    Parameters
    ----------
    values
        Sorted, ``(m,)``, float64.
    weights
        Of each, ``(m,)``; those of a group sum to 1.
    """

    values: NDArray[np.float64]
    weights: NDArray[np.float64]

    @classmethod
    def of(cls, scores: NDArray[np.floating], groups: NDArray[np.integer]) -> GoodScores:
        """Those of n good parts of G groups; the images of one part are a group.

        Each group weighs as much as any other. Below `FEW_GROUPS` its largest score stands for it,
        where groups have several.
        """
        values = np.asarray(scores, np.float64)
        _, members = np.unique(groups, return_inverse=True)
        sizes = np.bincount(members)
        if len(sizes) < FEW_GROUPS:
            largest = np.full(len(sizes), -np.inf)
            np.maximum.at(largest, members, values)
            values, weights = largest, np.ones(len(sizes))
        else:
            weights = 1 / sizes[members]
        order = np.argsort(values, kind="stable")
        return cls(values[order], weights[order])

    @property
    def n_groups(self) -> int:
        return round(float(self.weights.sum()))

    def p_values(self, scores: NDArray[np.floating]) -> NDArray[np.float64]:
        """Share of good parts that are at least as odd, the part itself among them, ``(n,)``.

        Of new good parts of other groups at most a share α has one of α or less.

        References
        ----------
        Dunn, Wasserman and Ramdas 2023, Distribution-free prediction sets for two-layer
        hierarchical models. Bates, Candès, Lei, Romano and Sesia 2023, Testing for outliers with
        conformal p-values.

        Examples
        --------
        >>> good = GoodScores.of(np.arange(1.0, 20.0), np.arange(19))
        >>> good.p_values(np.array([0.5, 10.5, 20.0])).tolist()
        [1.0, 0.5, 0.05]
        """
        above = np.concatenate([np.cumsum(self.weights[::-1])[::-1], [0.0]])
        found = above[np.searchsorted(self.values, np.asarray(scores, np.float64), side="left")]
        return np.asarray((1 + found) / (1 + self.n_groups))

    def threshold(self, rate: float) -> float:
        """The score above which a part is anomalous at this rate of false alarms.

        Raises
        ------
        DataError
            There are too few groups of good parts to promise it.
        """
        check_promisable(self.n_groups, rate)
        anomalous = self.p_values(self.values) <= rate + _ROUNDING
        return float(self.values[~anomalous][-1])


def least_rate(n_groups: int) -> float:
    """The least rate of false alarms that so many good parts can promise.

    Examples
    --------
    >>> least_rate(19)
    0.05
    """
    return 1 / (n_groups + 1)


def check_promisable(n_groups: int, rate: float) -> None:
    """Refuse a rate that so few good parts can't promise.

    Raises
    ------
    DataError
        It is less than 1 / (n + 1).
    """
    if rate >= least_rate(n_groups) - _ROUNDING:
        return
    needed = math.ceil(1 / rate - 1 - _ROUNDING)
    least = math.ceil(1e4 * least_rate(n_groups)) / 1e4
    raise DataError(
        f"{counted(n_groups, 'good part')} can promise a false-alarm rate of "
        f"{100 * least_rate(n_groups):.2g} % at least, not {100 * rate:g} %.",
        remedy=f"Give {counted(needed, 'good part')} or more, or allow --false-alarms {least:g} "
        f"(false_alarms={least:g} in Python).",
        code="too_few",
    )


def promised_rate(n_groups: int, rate: float) -> Score:
    """The rate of false alarms that is to be expected of new good parts, with a 95 % interval.

    The rate that comes true depends on which good parts were given: with n of them and the k-th
    largest score as threshold it follows Beta(k, n + 1 - k).

    References
    ----------
    Vovk 2012, Conditional validity of inductive conformal predictors.

    Examples
    --------
    >>> rate = promised_rate(199, 0.05)
    >>> round(rate.value, 3), round(rate.low, 3), round(rate.high, 3)
    (0.05, 0.024, 0.084)
    """
    from scipy.stats import beta

    check_promisable(n_groups, rate)
    rank = math.floor(rate * (n_groups + 1) + _ROUNDING)
    low, high = beta.ppf([0.025, 0.975], rank, n_groups + 1 - rank)
    return Score(value=rank / (n_groups + 1), low=float(low), high=float(high))
