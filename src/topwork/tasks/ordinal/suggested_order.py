"""Whether classes are mixed up as the given order says, or as another one does."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations, permutations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.metrics.paired import paired_items

LEVEL = 0.01
"""How often another order is suggested at most where none is better, over all orders together."""

LESS = 0.8
"""Share of the expected rank error of the given order that another one must stay below."""

MAX_TRIED = 7
"""Classes of which all orders are tried; of more, classes are exchanged as long as that helps."""

Float64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SuggestedOrder:
    """An order that suits the predictions better than the given one.

    Parameters
    ----------
    order
        Positions of the k classes in the given order, from one end to the other.
    given_error, error
        Expected ranks between the true class and a class that is drawn as predicted, by the given
        order and by this one; every class counts alike.
    """

    order: tuple[int, ...]
    given_error: float
    error: float


def suggested_order(
    probabilities: Float64, codes: NDArray[np.integer], *, groups: ArrayLike | None = None
) -> SuggestedOrder | None:
    """The order in which neighbours are mixed up, where the given one is clearly another.

    A model that knows no order mixes up what looks alike. In the right order these are neighbours.
    None where the given order is as good, or where so little is mixed up that nothing can be told.

    Parameters
    ----------
    probabilities
        Held-out ``(n, k)``, of a model of classes without order.
    codes
        Class of each item in the given order, ``(n,)``.
    groups
        Which items belong together, ``(n,)``.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> codes, rank = np.arange(300) % 3, np.array([0, 2, 1])  # the second is really the last
    >>> p = np.exp(-np.square(rank[codes][:, None] + 0.6 * rng.normal(size=(300, 1)) - rank))
    >>> suggested_order(p / p.sum(axis=1, keepdims=True), codes).order
    (0, 2, 1)
    """
    k = probabilities.shape[1]
    counts = np.bincount(codes, minlength=k)
    if k < 3 or len(np.unique(codes)) < k:
        return None
    mixed = np.stack([probabilities[codes == code].mean(axis=0) for code in range(k)])
    given = tuple(range(k))
    best = min(_orders(mixed), key=lambda order: _error(mixed, order))
    least, own = _error(mixed, best), _error(mixed, given)
    if least > LESS * own:
        return None
    weights = len(codes) / (k * counts[codes])
    apart = _distances(given)[codes] - _distances(best)[codes]
    test = paired_items(weights * (probabilities * apart).sum(axis=1), groups=groups)
    if test.p * math.factorial(k) / 2 >= LEVEL:
        return None
    return SuggestedOrder(best if best[0] < best[-1] else best[::-1], own, least)


def _distances(order: tuple[int, ...]) -> NDArray[np.int64]:
    """Ranks between each two classes, ``(k, k)``."""
    places = np.argsort(order)
    return np.asarray(np.abs(places[:, None] - places))


def _error(mixed: Float64, order: tuple[int, ...]) -> float:
    return float((mixed * _distances(order)).sum() / len(mixed))


def _orders(mixed: Float64) -> Iterable[tuple[int, ...]]:
    k = len(mixed)
    if k <= MAX_TRIED:
        return (order for order in permutations(range(k)) if order[0] < order[-1])
    order, better = tuple(range(k)), True
    while better:
        better = False
        for i, j in combinations(range(k), 2):
            other = list(order)
            other[i], other[j] = other[j], other[i]
            if _error(mixed, tuple(other)) < _error(mixed, order) - 1e-12:
                order, better = tuple(other), True
    return [order]
