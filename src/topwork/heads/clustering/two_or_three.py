"""How well rows divide into two or three, and whether the parts are apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from topwork.heads.clustering.geometry import Rows
from topwork.runtime.parallel import side_by_side

PARTS = (2, 3)
_STARTS, _ROUNDS = 3, 50
#: Rows are between two centres, or at one, within this share of the distance of the centres.
_NEAR = 0.15
#: Of draws without groups, the share that may have as few rows between two, or three, centres.
_APART = np.array([0.5, 0.2])
#: Standard deviations that are taken off three parts: a skewed cloud divides in three a little
#: better than the one that is drawn for it.
_OFF = 1.0
#: Draws after which a test may end: where so many of them divide as well, or so large a share more
#: than `_APART` has as few rows between, no more than 3 % of 99 doing so is out of the question.
_FIRST, _AS_WELL, _MORE = 19, 4, 0.3
#: Rows whose draws are divided together: they stay in a core's cache.
_TOGETHER = 8192

Draw = Callable[[np.random.Generator], Rows]
Array = NDArray[np.float64]
Members = NDArray[np.bool_]


def indices(rows: Rows, rng: np.random.Generator) -> Array:
    """How well rows (n, a) divide into two and three, and how few are between the parts, (2, 2).

    In the first row are the sums of squares within the best two and three clusters over that about
    the mean, in the second the numbers of rows halfway between two of the centres over those at the
    one of both centres that has fewer, all pairs together.

    Examples
    --------
    >>> rows = np.float32([[0, 0], [0, 2], [9, 0], [9, 2], [4, 40]])
    >>> indices(rows, np.random.default_rng(0)).round(2).tolist()
    [[0.07, 0.0], [0.0, 0.0]]
    """
    found: Array = divided([rows], [rng])[0]
    return found


def divided(tables: Sequence[Rows], rngs: Sequence[np.random.Generator]) -> Array:
    """The indices of m tables of one shape (n, a), all divided at once, (m, 2, 2).

    Examples
    --------
    >>> rows = np.float32([[0, 0], [0, 2], [9, 0], [9, 2]])
    >>> both = divided([rows, 2 * rows], [np.random.default_rng(s) for s in (0, 1)])
    >>> both[:, 0, 0].round(3).tolist()
    [0.047, 0.047]
    """
    columns = np.stack([rows.T - rows.mean(axis=0)[:, None] for rows in tables])
    total = np.maximum(np.square(columns, dtype=np.float64).sum(axis=(1, 2)), 1e-30)
    found = []
    for k in PARTS:
        places = np.stack([rng.random((k, _STARTS)) for rng in rngs], axis=2)
        own, centres = _settled(columns, _spread(columns, places))
        best, each = own.argmax(axis=1), np.arange(len(tables))
        chosen = centres[each, best]
        between = _between(columns, chosen, _nearest(columns, chosen[:, None])[:, 0])
        found.append(np.stack([1 - own[each, best] / total, between], axis=1))
    return np.stack(found, axis=2)


def _spread(columns: Rows, places: Array) -> Rows:
    """Rows to start from, each likely far from those before it, (m, starts, k, a).

    Parameters
    ----------
    columns
        Of m tables, (m, a, n).
    places
        Between 0 and 1, for each row that is chosen, (k, starts, m).
    """
    m, _, n = columns.shape
    far, chosen = np.ones((m, places.shape[1], n)), []
    for place in places:
        total = np.cumsum(far, axis=2)
        wanted = place.T[:, :, None] * total[:, :, -1:]
        which = np.minimum((total <= wanted).sum(axis=2), n - 1)
        chosen.append(np.stack([one[:, w].T for one, w in zip(columns, which, strict=True)]))
        gaps = np.square(columns[:, None] - chosen[-1][..., None]).sum(axis=2, dtype=np.float64)
        far = gaps if len(chosen) == 1 else np.minimum(far, gaps)
    return np.stack(chosen, axis=2)


def _settled(columns: Rows, centres: Rows) -> tuple[Array, Rows]:
    """Sums of squares between clusters after Lloyd's rounds, (m, starts), and their centres.

    Of centred rows it is that of the sums of the clusters, over their sizes. Tables none of whose
    starts changes any more are done.
    """
    m, starts, k, a = centres.shape
    own, going = np.zeros((m, starts)), np.arange(m)
    left, before = columns, np.zeros((m, starts, k, columns.shape[2]), bool)
    for _ in range(_ROUNDS):
        member = _nearest(left, centres[going])
        moved = (member != before).any(axis=(1, 2, 3))
        going, left, before = going[moved], left[moved], member[moved]
        if not len(going):
            break
        flat = before.reshape(len(going), starts * k, -1).astype(np.float32)
        sums = (flat @ left.transpose(0, 2, 1)).reshape(len(going), starts, k, a)
        sizes = np.maximum(before.sum(axis=3), 1)
        centres[going] = sums / sizes[..., None]
        own[going] = (np.square(sums, dtype=np.float64).sum(axis=3) / sizes).sum(axis=2)
    return own, centres


def _nearest(columns: Rows, centres: Rows) -> Members:
    """Which rows have which centre (m, starts, k, a) as their nearest, (m, starts, k, n)."""
    m, starts, k, a = centres.shape
    near = (centres.reshape(m, -1, a) @ columns).reshape(m, starts, k, -1)
    near -= np.square(centres).sum(axis=3)[..., None] / 2
    best, found = near.max(axis=2), np.empty(near.shape, bool)
    free = np.ones(best.shape, bool)
    for part in range(k):
        np.logical_and(free, near[:, :, part] >= best, out=found[:, :, part])
        free &= ~found[:, :, part]
    return found


def _between(columns: Rows, centres: Rows, member: Members) -> Array:
    """Rows halfway between two centres over those at one of them, all pairs together, (m,)."""
    middle, ends = np.zeros(len(columns)), np.zeros(len(columns))
    for a, b in combinations(range(centres.shape[1]), 2):
        way = centres[:, b] - centres[:, a]
        length = np.square(way).sum(axis=1)
        along = np.einsum("ma,man->mn", way, columns) - (way * centres[:, a]).sum(axis=1)[:, None]
        along /= np.maximum(length, 1e-12)[:, None]
        theirs = member[:, a] | member[:, b]
        at = [(theirs & (np.abs(along - part) < _NEAR)).sum(axis=1) for part in (0, 0.5, 1)]
        middle += (length > 1e-12) * at[1]
        ends += (length > 1e-12) * np.minimum(at[0], at[2])
    found: Array = middle / np.maximum(ends, 1)
    return found


def compared_with(
    rows: Rows, draw: Draw, n_draws: int, seed: int, *, apart: bool
) -> tuple[float, float]:
    """p and strength of groups in rows against draws of one kind without groups.

    Of both indices the one counts that is further below its mean, in standard deviations of the
    draws and the rows together, for rows and draws alike, so that p is exact where rows are such a
    draw. Where the first 19 draws leave no doubt that there are no groups they are all.

    Parameters
    ----------
    apart
        Whether there must also be fewer rows between centres than in half of the draws, and of
        three parts than in four of five: the corner of one skewed cloud divides in three as groups
        do, but no gap is between the parts. Three parts count by one standard deviation less.

    References
    ----------
    Besag and Clifford 1991, Sequential Monte Carlo p-values.
    """
    seeds = np.random.SeedSequence(seed).spawn(n_draws)
    own = indices(rows, np.random.default_rng(seed))[None]
    found = np.concatenate([own, _drawn(draw, seeds[:_FIRST], len(rows))])
    off = _OFF if apart else 0.0
    best, as_few, way = _against(found, off)
    hopeless = apart and as_few > _APART[way] + _MORE
    if not hopeless and np.sum(best[1:] >= best[0]) < _AS_WELL:
        found = np.concatenate([found, _drawn(draw, seeds[_FIRST:], len(rows))])
        best, as_few, way = _against(found, off)
    p = float(np.mean(best >= best[0]))
    if apart and as_few > _APART[way]:
        p = max(p, as_few)
    return p, float((best[0] - best[1:].mean()) / max(float(best[1:].std()), 1e-12))


def _against(found: Array, off: float) -> tuple[Array, float, int]:
    """How clearly each table divides, the share with as few rows between, and if in three (1).

    Parameters
    ----------
    found
        Indices of m tables, (m, 2, 2); the first is held against the others.
    off
        What is taken off its division in three.
    """
    divided, between = found[:, 0], found[:, 1]
    below = (divided.mean(axis=0) - divided) / np.maximum(divided.std(axis=0), 1e-12)
    below[0, 1] -= off
    way = int(below[0].argmax())
    return below.max(axis=1), float(np.mean(between[:, way] <= between[0, way])), way


def _drawn(draw: Draw, seeds: Sequence[np.random.SeedSequence], n: int) -> Array:
    """Indices of a draw for each seed, (m, 2, 2)."""

    def some(part: Sequence[np.random.SeedSequence]) -> Array:
        rngs = [np.random.default_rng(seed) for seed in part]
        return divided([draw(rng) for rng in rngs], rngs)

    found = side_by_side(some, _batches(seeds, max(1, _TOGETHER // n)))
    return np.concatenate(found) if found else np.empty((0, 2, 2))


def _batches(
    seeds: Sequence[np.random.SeedSequence], size: int
) -> Iterator[Sequence[np.random.SeedSequence]]:
    return (seeds[i : i + size] for i in range(0, len(seeds), size))
