"""How alike two images must be to be the same, judged by the data they come from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.data.groups import join_pairs
from topwork.quality.images.candidates import RANK, Candidates, ranks

ALIKE = 0.96
"""Correlation of aligned images that is enough by itself. In photographs, paintings, cartoons and
sketches of 32 to 227 pixels, 99 % of copies are above, and of different images none."""

ALMOST = 0.92
"""Correlation that is enough where the features, too, are nearer than different classes' are."""

MAX = 0.99
"""The most that is asked for because of look-alikes within a class: they might be copies."""

ALL_BUT_EQUAL = 0.9999
"""The most that is ever asked for."""

_FLOOR = 0.85
_TAIL = 3.58
"""(3.090 - 0.674) / 0.674: from the 75th to the 99.9th percentile of a normal distribution, in
units of the way from the 50th to the 75th."""

_SWALLOWED = 1 / 2
"""The part of a class beyond which a group is taken for look-alikes, not for copies."""

_ENOUGH = 12
"""Items from which a class tells how alike its images are."""


@dataclass(frozen=True, eq=False)
class PairSimilarities:
    """What is known of m candidate pairs.

    Parameters
    ----------
    pairs
        The pairs.
    correlations
        (m,): of their aligned pixels, 0 where that was not worth computing.
    cosines
        (m,): of their features.
    """

    pairs: Candidates
    correlations: NDArray[np.float32]
    cosines: NDArray[np.float32]


def confirmed(
    similarities: PairSimilarities, codes: NDArray[np.integer] | None, n: int
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Decide which pairs show the same image, (m,), and of which items that can't be told, (n,).

    The correlation must reach `ALIKE`, or `ALMOST` where the features are nearer than the 99.9th
    percentile of each item's nearest of another class, confirmed pairs left out. More is asked
    for where different images come near that, as they do among tiny digits: see `threshold`.
    A class that still becomes one group for the most part (a fixed camera) has images that
    thumbnails can't tell apart; of such a class no copies are claimed.

    Parameters
    ----------
    similarities
        Of each candidate; an item's nearest of another class must be among them.
    codes
        (n,), or None where there are no classes.
    n
        The number of items.
    """
    pairs, none = similarities.pairs, np.zeros(n, np.bool_)
    found, swallowed = _within(none, similarities, codes, n)
    if not swallowed.any():
        return found, none
    found, still = _within(swallowed, similarities, codes, n)
    return found & ~still[pairs.first] & ~still[pairs.second], still


def _within(
    strict: NDArray[np.bool_],
    similarities: PairSimilarities,
    codes: NDArray[np.integer] | None,
    n: int,
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which pairs reach what is asked for (m,), and what that swallows (n,)."""
    asked = threshold(similarities, codes, n, most=np.where(strict, ALL_BUT_EQUAL, MAX))
    found = _reaching(asked, similarities, codes, n)
    return found, _swallowed(similarities.pairs, found, codes, n)


def _swallowed(
    pairs: Candidates, found: NDArray[np.bool_], codes: NDArray[np.integer] | None, n: int
) -> NDArray[np.bool_]:
    """Whether an item's class is mostly one group, which then can't be copies: (n,)."""
    classes = np.zeros(n, np.intp) if codes is None else codes
    groups = join_pairs(n, pairs.first[found], pairs.second[found])
    both, counts = np.unique(classes * n + groups, return_counts=True)
    largest = np.zeros(int(classes.max()) + 1, np.intp)
    np.maximum.at(largest, both // n, counts)
    sizes = np.bincount(classes)
    mostly = (sizes >= _ENOUGH) & (largest > _SWALLOWED * sizes)
    result: NDArray[np.bool_] = mostly[classes]
    return result


def _reaching(
    asked: NDArray[np.float64],
    similarities: PairSimilarities,
    codes: NDArray[np.integer] | None,
    n: int,
) -> NDArray[np.bool_]:
    """Which pairs are as alike as is asked for of both their items: (m,)."""
    pairs, correlations = similarities.pairs, similarities.correlations
    asked = np.maximum(asked[pairs.first], asked[pairs.second])
    sure = correlations >= asked
    cosines = _of_each(similarities.cosines, pairs, ~pairs.of_one_class(codes) & ~sure, n)
    cosines = cosines[cosines > -1]
    if not len(cosines):
        return sure
    near = similarities.cosines > np.quantile(cosines, 0.999)
    almost = 1 - (1 - asked) * (1 - ALMOST) / (1 - ALIKE)
    return sure | (near & (correlations >= almost))


def threshold(
    similarities: PairSimilarities,
    codes: NDArray[np.integer] | None,
    n: int,
    *,
    most: float | NDArray[np.float64],
) -> NDArray[np.float64]:
    """How alike an image must be to another to be taken for the same, for each item: (n,).

    Pairs of different classes seldom show the same image, and an item seldom has three copies
    in its class; so each item's best of another class and its third best of its own tell how
    alike different images are. The 99.9th percentile of these, of all items and of each class,
    is what must be reached; it is extrapolated from the median and the upper quartile, because
    the copies that there are would spoil the tail itself. ``most`` bounds what a class may ask for.
    """
    pairs, correlations = similarities.pairs, similarities.correlations
    same = pairs.of_one_class(codes)
    apart = extrapolated(_of_each(correlations, pairs, ~same, n))
    third = _of_each(correlations, pairs, same, n, rank=RANK - 1)
    classes = np.zeros(n, np.intp) if codes is None else codes
    inside_class = np.zeros(n)
    for code in np.flatnonzero(np.bincount(classes) >= _ENOUGH):
        inside = classes == code
        inside_class[inside] = extrapolated(third[inside])
    return np.clip(np.maximum(apart, np.minimum(inside_class, most)), ALIKE, ALL_BUT_EQUAL)


def extrapolated(correlations: NDArray[np.float32]) -> float:
    """The 99.9th percentile as most of the values have it, where the highest can't be trusted.

    Correlations are taken to be normal on the scale of -log(1 - c), on which 1 is infinitely far.

    Examples
    --------
    >>> spread = 1 - np.exp(-np.random.default_rng(0).normal(2.5, 0.2, 1000))
    >>> spoilt = np.where(np.arange(1000) < 20, 0.999, spread)
    >>> [round(extrapolated(values), 2) for values in (spread, spoilt)]
    [0.96, 0.96]
    """
    middle, upper = np.quantile(np.clip(correlations, _FLOOR, 0.9999), [0.5, 0.75])
    low, high = -np.log1p(-middle), -np.log1p(-upper)
    return float(-np.expm1(-(high + _TAIL * (high - low))))


def _of_each(
    values: NDArray[np.float32],
    pairs: Candidates,
    chosen: NDArray[np.bool_],
    n: int,
    *,
    rank: int = 0,
) -> NDArray[np.float32]:
    """The largest value (or that of a later rank) of the chosen pairs of each item; -1 for none."""
    out = np.full(n, -1.0, np.float32)
    part = Candidates(pairs.first[chosen], pairs.second[chosen])
    for items, place in zip((part.first, part.second), ranks(part, values[chosen]), strict=True):
        out[items[place == rank]] = values[chosen][place == rank]
    return out
