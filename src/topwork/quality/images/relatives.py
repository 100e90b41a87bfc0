"""Images that were made from one original: turned, mirrored, sheared, cropped, lit, noisy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.data.groups import Groups, join_groups, join_pairs
from topwork.quality.images.detail import FLAT, detail
from topwork.quality.images.orientations import best_ways, laid, likely_ways
from topwork.quality.images.registration import registered_correlation
from topwork.quality.neighbours import nearest

NEIGHBOURS = 4
"""Of each image in its class, by orientation-free signature and by features: among these eight
were links that connect every family tried."""

MIN = 0.96
"""Correlation that is asked for at least: of images from one original half reach 0.995, of
different photographs none in thousands."""

MAX = 0.9995
"""The most that is ever asked for. Where random pairs come beyond that, images are so simple that
each is laid over any other; then looks tell nothing of originals."""

_NEVER = 2.0

MIN_HINTED = 0.9
_EASIER = 2.5
"""How much further from 1 a correlation may be where names say the same."""

_DEVIATIONS = 4.0
"""How far above what random pairs of the class reach."""

_NEAR = 2.5
"""The same for pairs that are worth aligning, in signatures or features."""

_SURELY_NEAR = 0.95
_RICH = 0.05
"""Part of a class's items with relatives from which on all its neighbours are aligned."""

_LARGER = 1.25
_MAX_LEFT = 4000
"""Pairs that are looked at in every way, at most."""

_PAIRS = 900
_PAIRS_PER_CLASS = 150
_MIN = 30
"""Random pairs that tell how alike the images of a class are; with fewer, those of all do."""

_QUARTILE = 0.6745
"""Standard deviations from the median of a normal distribution to its upper quartile."""

_SWALLOWED = 1 / 2
_ENOUGH = 12


@dataclass(frozen=True, eq=False)
class Compared:
    """What n images are compared by.

    Parameters
    ----------
    thumbnails
        uint8 (n, 64, 64).
    marks
        Their signatures (n, 63).
    rows
        Unit features (n, d).
    codes
        The class of each (n,).
    """

    thumbnails: NDArray[np.uint8]
    marks: NDArray[np.float32]
    rows: NDArray[np.float32]
    codes: NDArray[np.integer]

    def correlations(
        self, first: NDArray[np.intp], second: NDArray[np.intp], *, every_way: bool = False
    ) -> NDArray[np.float32]:
        """Of pairs, once the first is laid over the second in the best way, (m,).

        Only likely ways are tried, or every one.
        """
        ways = likely_ways(self.marks[first], self.marks[second])
        if every_way:
            ways[:] = True
        return registered_correlation(self.thumbnails, first, second, ways)


@dataclass(frozen=True, eq=False)
class Pairs:
    """m pairs worth a closer look.

    Parameters
    ----------
    first, second
        (m,): positions.
    way
        (m,): how the first has to be laid to be most like the second.
    turn
        (m,): pairs of one round are looked at together.
    hash_similarity, cosine
        (m,): of their signatures in the best way, and of their features.
    """

    first: NDArray[np.intp]
    second: NDArray[np.intp]
    way: NDArray[np.intp]
    turn: NDArray[np.intp]
    hash_similarity: NDArray[np.float32]
    cosine: NDArray[np.float32]


def related(
    similarity: Compared,
    known: Groups,
    hints: Sequence[tuple[int, ...]] = (),
    *,
    flat: float = FLAT,
) -> Groups:
    """Group images of one class that were made from one original: int64 (n,).

    Neighbours are sought by features and by a signature that is the same in all eight ways to lay
    a square, then laid over one another by an affine transformation. How alike random pairs of the
    class are then says how alike two images must be to come from one original. Pairs that are
    not nearer than random ones, and unlikely ways to lay them, are looked at only in classes where
    others were found. A class whose random pairs are all but equal, or that becomes one group for
    the most part, has images that can't be told apart so; nothing is claimed of it.

    Parameters
    ----------
    similarity
        What the images are compared by.
    known
        int64 (n,): what is known to come from one original; it stays together.
    hints
        Items whose names look as if they came from one original; of neighbours among them less is
        asked.
    flat
        Standard deviation in grey levels below which an image shows nothing to compare.
    """
    detailed = detail(similarity.thumbnails) >= flat
    bounds = _bounds(similarity, detailed)
    groups = _hinted(similarity, known, hints, bounds)
    pairs = _candidates(similarity, detailed)
    near = (pairs.hash_similarity >= bounds.hash_similarity[pairs.first]) | (
        pairs.cosine >= bounds.cosine[pairs.first]
    )
    groups = _joined(similarity, pairs, near, groups, bounds)
    rich = _rich(groups, known, similarity.codes)
    groups = _completed(similarity, pairs, rich, groups, bounds)
    return _without_swallowed(groups, known, similarity.codes)


def _joined(
    similarity: Compared,
    pairs: Pairs,
    chosen: NDArray[np.bool_],
    groups: Groups,
    bounds: Bounds,
    *,
    every_way: bool = False,
) -> Groups:
    """Join chosen pairs that correlate as is asked for, turn by turn."""
    n = len(groups)
    for turn in range(2 * NEIGHBOURS):
        now = np.flatnonzero(chosen & (pairs.turn == turn))
        now = now[groups[pairs.first[now]] != groups[pairs.second[now]]]
        a, b = pairs.first[now], pairs.second[now]
        same = similarity.correlations(a, b, every_way=every_way) >= bounds.correlation[a]
        groups = join_groups(groups, join_pairs(n, a[same], b[same]))
    return groups


def _completed(
    similarity: Compared, pairs: Pairs, rich: NDArray[np.bool_], groups: Groups, bounds: Bounds
) -> Groups:
    """Seek what is missing of families that were found in part, in every way to lay an image.

    No family is expected to be much larger than those that were found already.
    """
    sizes = np.bincount(groups)[groups]
    most = _LARGER * np.quantile(sizes[rich], 0.98) if rich.any() else 0.0
    together = sizes[pairs.first] + sizes[pairs.second]
    apart = groups[pairs.first] != groups[pairs.second]
    chosen = np.flatnonzero(rich[pairs.first] & apart & (together <= most))
    # the nearest first, and no more than a moment's work
    left = np.zeros(len(pairs.first), bool)
    left[chosen[np.argsort(pairs.turn[chosen], kind="stable")][:_MAX_LEFT]] = True
    return _joined(similarity, pairs, left, groups, bounds, every_way=True)


def _hinted(
    similarity: Compared, known: Groups, hints: Sequence[tuple[int, ...]], bounds: Bounds
) -> Groups:
    """Join neighbours among items with such names, where a little less is asked."""
    pairs = [pair for items in hints for pair in pairwise(items)]
    a, b = np.array(pairs, np.intp).reshape(-1, 2).T
    left = known[a] != known[b]
    a, b = a[left], b[left]
    enough = np.maximum(1 - _EASIER * (1 - bounds.correlation[a]), MIN_HINTED)
    same = similarity.correlations(a, b) >= enough
    return join_groups(known, join_pairs(len(known), a[same], b[same]))


def _rich(groups: Groups, known: Groups, codes: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Whether families were found in an item's class, (n,)."""
    more = np.bincount(groups)[groups] > np.bincount(known)[known]
    share = np.bincount(codes, weights=more) / np.maximum(np.bincount(codes), 1)
    result: NDArray[np.bool_] = share[codes] >= _RICH
    return result


def _candidates(similarity: Compared, detailed: NDArray[np.bool_]) -> Pairs:
    parts = []
    for code in np.unique(similarity.codes):
        here = np.flatnonzero((similarity.codes == code) & detailed)
        if len(here) > 1:
            parts += _of_class(here, similarity)
    nothing = (np.empty((0, 4), np.intp), np.empty((0, 2), np.float32))
    places, values = (np.concatenate(column) for column in zip(nothing, *parts, strict=True))
    order = np.argsort(places[:, 3], kind="stable")
    places, values = places[order], values[order]
    # each pair once, at its first turn
    low, high = places[:, :2].min(axis=1), places[:, :2].max(axis=1)
    once = np.sort(np.unique(low * len(similarity.codes) + high, return_index=True)[1])
    return Pairs(*places[once].T, *values[once].T)


def _of_class(
    here: NDArray[np.intp], similarity: Compared
) -> list[tuple[NDArray[np.intp], NDArray[np.float32]]]:
    """First, second, way and turn of the pairs of one class, and how alike they are."""
    found, rows = [], similarity.rows[here]
    for block in best_ways(similarity.marks[here]):
        items = np.arange(block.rows.start, block.rows.stop)
        cosines = rows[block.rows] @ rows.T
        cosines[np.arange(len(items)), items] = -1.0
        for offset, values in enumerate((block.hash_similarity, cosines)):
            columns = _best(values)
            way, hash_similarity, cosine = (
                np.take_along_axis(table, columns, axis=1)
                for table in (block.way, block.hash_similarity, cosines)
            )
            turns = np.broadcast_to(2 * np.arange(columns.shape[1]) + offset, columns.shape)
            firsts = np.broadcast_to(here[items][:, None], columns.shape)
            places = np.stack([firsts, here[columns], way, turns], axis=-1).astype(np.intp)
            alike = np.stack([hash_similarity, cosine], axis=-1)
            found.append((places.reshape(-1, 4), alike.reshape(-1, 2)))
    return found


def _best(values: NDArray[np.float32]) -> NDArray[np.intp]:
    """Positions of the largest of each row, the largest first."""
    columns = nearest(values, NEIGHBOURS)
    order = np.argsort(-np.take_along_axis(values, columns, axis=1), axis=1, kind="stable")
    return np.take_along_axis(columns, order, axis=1)


@dataclass(frozen=True, eq=False)
class Bounds:
    """What random pairs of each item's class next to never reach, (n,) each."""

    correlation: NDArray[np.float64]
    hash_similarity: NDArray[np.float64]
    cosine: NDArray[np.float64]


def _bounds(similarity: Compared, detailed: NDArray[np.bool_]) -> Bounds:
    first, second = random_pairs(similarity.codes, detailed)
    n = len(similarity.codes)
    if not len(first):
        return Bounds(np.full(n, MAX), np.full(n, 2.0), np.full(n, 2.0))
    laid_out = np.einsum("wmd,md->wm", laid(similarity.marks[first]), similarity.marks[second])
    found = similarity.correlations(first, second)
    cosines = np.einsum("md,md->m", similarity.rows[first], similarity.rows[second])
    own, codes = similarity.codes[first], similarity.codes
    return Bounds(
        asked(bound_of_each(found, own, codes, _DEVIATIONS)),
        np.minimum(_bound_of_each(laid_out.max(axis=0), own, codes, _NEAR), _SURELY_NEAR),
        _bound_of_each(cosines, own, codes, _NEAR),
    )


def asked(bounds: ArrayLike) -> NDArray[np.float64]:
    """The correlation that is asked for, where random pairs next to never reach a bound."""
    values = np.asarray(bounds, np.float64)
    return np.where(values > MAX, _NEVER, np.maximum(values, MIN))


def bound_of_each(
    correlations: NDArray[np.float32],
    own: NDArray[np.integer],
    codes: NDArray[np.integer],
    deviations: float,
) -> NDArray[np.float64]:
    """What random pairs of all items, and of each item's class, next to never reach: (n,).

    Parameters
    ----------
    correlations, own
        (m,): of the random pairs, and the class of each.
    codes
        (n,): the class of each item.
    deviations
        Standard deviations above the median, where correlations are normal on the scale of
        -log(1 - c).
    """
    return -np.expm1(-_bound_of_each(_far(correlations), own, codes, deviations))


def _bound_of_each(
    values: NDArray[np.floating],
    own: NDArray[np.integer],
    codes: NDArray[np.integer],
    deviations: float,
) -> NDArray[np.float64]:
    out = np.full(len(codes), _beyond(values, deviations))
    for code in np.unique(own):
        if (own == code).sum() >= _MIN:
            here = codes == code
            out[here] = np.maximum(out[here], _beyond(values[own == code], deviations))
    return out


def beyond_random(correlations: NDArray[np.float32]) -> float:
    """The correlation that random pairs next to never reach."""
    return float(-np.expm1(-_beyond(_far(correlations), _DEVIATIONS)))


def _far(correlations: NDArray[np.float32]) -> NDArray[np.float32]:
    """On this scale a correlation of 1 is infinitely far, and those of random pairs are normal."""
    return -np.log1p(-np.clip(correlations, 0, 0.9999))


def _beyond(values: NDArray[np.floating], deviations: float) -> float:
    """So many standard deviations above the median, as the upper quartile has them.

    Pairs of one original that are among them spoil the tail only.
    """
    middle, upper = np.quantile(values, [0.5, 0.75])
    return float(middle + deviations * (upper - middle) / _QUARTILE)


def random_pairs(
    codes: NDArray[np.integer], detailed: NDArray[np.bool_]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pairs of items of one class, drawn from those with detail; the same each time."""
    rng = np.random.default_rng(0)
    classes = [np.flatnonzero((codes == code) & detailed) for code in np.unique(codes)]
    classes = [items for items in classes if len(items) > 1]
    each = min(_PAIRS_PER_CLASS, max(_MIN, _PAIRS // max(len(classes), 1)))
    pairs = [rng.choice(items, (each, 2)) for items in classes[: _PAIRS // each]]
    both = np.concatenate([np.empty((0, 2), np.intp), *pairs])
    first, second = both[both[:, 0] != both[:, 1]].T
    return first, second


def _without_swallowed(groups: Groups, known: Groups, codes: NDArray[np.integer]) -> Groups:
    """Nothing new is joined in a class that is one group for the most part."""
    out = groups.copy()
    for code in np.unique(codes):
        own = np.flatnonzero(codes == code)
        if len(own) >= _ENOUGH and np.bincount(groups[own]).max() > _SWALLOWED * len(own):
            out[own] = groups.max() + 1 + known[own]
    return join_groups(out, known)
