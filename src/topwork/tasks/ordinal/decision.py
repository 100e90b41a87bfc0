"""One class out of the probabilities of ordered ones, and contiguous sets of them."""

from __future__ import annotations

import math
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.calibration.conformal import held_out_rank
from topwork.metrics.intervals import Units
from topwork.metrics.records import Record

Rule = Literal["mean", "median", "mode"]
"""The class nearest to the expected rank, which has the least expected squared rank error; the
median, of the least expected absolute one; or the most probable class."""

RULES: Final[tuple[Rule, ...]] = get_args(Rule)

_WORTH = 0.01
"""Kappa that another rule than the median has to gain."""

_ROUNDING = 1e-9

_FLOAT32 = 1e-6
"""What engines may change of a sum: a constant gives each item of a class the very threshold."""

Float64 = NDArray[np.float64]
Codes = NDArray[np.integer]


def decide(probabilities: Float64, rule: Rule) -> NDArray[np.int64]:
    """The class of each item, ``(n,)``, of probabilities ``(n, k)``.

    Examples
    --------
    >>> p = np.array([[0.4, 0.0, 0.25, 0.35]])
    >>> [int(decide(p, rule)[0]) for rule in ("mean", "median", "mode")]
    [2, 2, 0]
    """
    if rule == "mode":
        return np.asarray(probabilities.argmax(axis=1), np.int64)
    if rule == "median":
        reached = probabilities.cumsum(axis=1) >= 0.5 - _ROUNDING
        return np.asarray(reached.argmax(axis=1), np.int64)
    ranks = np.arange(probabilities.shape[1])
    return np.floor(probabilities @ ranks + 0.5 - _ROUNDING).astype(np.int64)


def best_rule(probabilities: Float64, codes: Codes) -> Rule:
    """The median, unless another rule has a clearly larger kappa on held-out items."""
    kappas = {rule: quadratic_kappa(codes, decide(probabilities, rule)) for rule in RULES}
    best = max(RULES, key=kappas.__getitem__)
    return best if kappas[best] > kappas["median"] + _WORTH else "median"


def quadratic_kappa(codes: Codes, predicted: Codes) -> float:
    """Cohen's kappa with quadratic weights; 1 where neither varies.

    Examples
    --------
    >>> codes = np.array([0, 1, 2, 2])
    >>> quadratic_kappa(codes, codes), round(quadratic_kappa(codes, np.array([0, 1, 1, 2])), 3)
    (1.0, 0.8)
    """
    y, p = np.asarray(codes, np.float64), np.asarray(predicted, np.float64)
    by_chance = float(y.var() + p.var() + (y.mean() - p.mean()) ** 2)
    return 1.0 if by_chance <= 0 else 1 - float(np.square(y - p).mean()) / by_chance


class OrdinalSets(Record):
    """Which neighbouring classes are credible for an item.

    A set begins with the predicted class and takes in the more probable of its two neighbours
    as long as what it holds has at most ``most`` probability.

    Parameters
    ----------
    error_rate
        Share of items whose set may miss the right class.
    most
        Largest probability of a set that still takes in another class.
    n_items
        Items that it was found on.
    enough
        Whether those were enough; if not, every set holds every class.
    needed
        Independent items (or groups) that this error rate takes.
    """

    error_rate: float
    most: float
    n_items: int
    enough: bool
    needed: int

    def of(self, probabilities: Float64, predicted: Codes) -> NDArray[np.bool_]:
        """Which classes are in the set of each item, ``(n, k)``."""
        if not self.enough:
            return np.ones(probabilities.shape, bool)
        return np.asarray(held_before(probabilities, predicted) <= self.most + _FLOAT32)


def held_before(probabilities: Float64, predicted: Codes) -> Float64:
    """What the set of an item holds when each class joins it, ``(n, k)``; 0 for the first.

    Examples
    --------
    >>> held_before(np.array([[0.1, 0.6, 0.3]]), np.array([1])).round(3).tolist()
    [[0.9, 0.0, 0.6]]
    """
    n, k = probabilities.shape
    rows = np.arange(n)
    padded = np.pad(probabilities, ((0, 0), (1, 1)), constant_values=-1.0)
    low, high = np.asarray(predicted) + 1, np.asarray(predicted) + 1
    held = probabilities[rows, predicted].copy()
    found = np.zeros((n, k))
    for _ in range(k - 1):
        down = padded[rows, low - 1] >= padded[rows, high + 1]
        low, high = low - down, high + ~down
        joined = np.where(down, low, high)
        found[rows, joined - 1] = held
        held += padded[rows, joined]
    return found


def fit_ordinal_sets(
    probabilities: Float64,
    predicted: Codes,
    codes: Codes,
    *,
    error_rate: float = 0.1,
    groups: ArrayLike | None = None,
) -> OrdinalSets:
    """The rule of contiguous sets, from held-out probabilities ``(n, k)`` and predictions.

    The split-conformal quantile of what a set holds before it takes in the right class; see
    `topwork.calibration.conformal.fit_prediction_sets`.

    References
    ----------
    Lu, Angelopoulos and Pomerantz 2022, Improving trustworthiness of AI disease severity rating
    in medical imaging with ordinal conformal prediction sets.
    """
    own = np.sort(held_before(probabilities, predicted)[np.arange(len(codes)), codes])
    rank = held_out_rank(Units.of(len(own), groups), error_rate)
    enough = rank <= len(own)
    return OrdinalSets(
        error_rate=error_rate,
        most=min(float(own[rank - 1]), 1.0) if enough else 1.0,
        n_items=len(own),
        enough=enough,
        needed=math.ceil(1 / error_rate - 1 - _ROUNDING),
    )
