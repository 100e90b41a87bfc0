"""How well rows divide into two or three, and whether the parts are apart."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from topwork.heads.clustering.geometry import Codes, Rows
from topwork.runtime.parallel import side_by_side

_STARTS, _ROUNDS = 3, 50
#: Rows are between two centres, or at one, within this share of the distance of the centres.
_NEAR = 0.15
#: Of draws without groups, the share that may have as few rows between two, or three, centres.
_APART = (0.5, 0.2)

Draw = Callable[[np.random.Generator], Rows]
Array = NDArray[np.float64]


def indices(rows: Rows, rng: np.random.Generator) -> Array:
    """How well rows (n, a) divide into two and three, and how few are between the parts, (2, 2).

    In the first row are the sums of squares within the best two and three clusters over that about
    the mean, in the second the numbers of rows halfway between two of the centres over those at the
    one of both centres that has fewer, all pairs together.

    Examples
    --------
    >>> rows = np.float32([[0, 0], [0, 2], [9, 0], [9, 2], [4, 9]])
    >>> indices(rows, np.random.default_rng(0)).round(2).tolist()
    [[0.42, 0.03], [0.0, 0.0]]
    """
    centred = rows - rows.mean(axis=0)
    total = max(float(np.square(centred, dtype=np.float64).sum()), 1e-30)
    found = []
    for k in (2, 3):
        starts = [_settled(centred, k, rng) for _ in range(_STARTS)]
        own, centres, codes = max(starts, key=lambda one: one[0])
        found.append((1 - own / total, _between(centred, centres, codes)))
    return np.array(found).T


def _settled(centred: Rows, k: int, rng: np.random.Generator) -> tuple[float, Rows, Codes]:
    """Sum of squares between k clusters after Lloyd's rounds from rows far from each other.

    Of centred rows it is that of the sums of the clusters, over their sizes.
    """
    far, chosen = np.ones(len(centred)), list[int]()
    for _ in range(k):
        total = np.cumsum(far)
        chosen.append(min(int(np.searchsorted(total, rng.random() * total[-1])), len(far) - 1))
        gaps = np.square(centred - centred[chosen[-1]]).sum(axis=1, dtype=np.float64)
        far = gaps if len(chosen) == 1 else np.minimum(far, gaps)
    centres, which = centred[chosen], np.eye(k, dtype=np.float32)
    before: Codes | None = None
    for _ in range(_ROUNDS):
        codes = (centred @ centres.T - np.square(centres).sum(axis=1) / 2).argmax(axis=1)
        if before is not None and np.array_equal(codes, before):
            break
        before, sizes = codes, np.maximum(np.bincount(codes, minlength=k), 1)
        sums = which[codes].T @ centred
        centres = (sums / sizes[:, None]).astype(np.float32)
    return float((np.square(sums, dtype=np.float64).sum(axis=1) / sizes).sum()), centres, codes


def _between(rows: Rows, centres: Rows, codes: Codes) -> float:
    middle = ends = 0
    for a in range(len(centres)):
        for b in range(a):
            way = centres[b] - centres[a]
            length = float(way @ way)
            if length < 1e-12:
                continue
            theirs = rows[(codes == a) | (codes == b)] - centres[a]
            along = np.einsum("ij,j->i", theirs, way) / length
            middle += int((np.abs(along - 0.5) < _NEAR).sum())
            ends += min(int((np.abs(along - end) < _NEAR).sum()) for end in (0, 1))
    return middle / max(ends, 1)


def compared_with(
    rows: Rows, draw: Draw, n_draws: int, seed: int, *, apart: bool
) -> tuple[float, float]:
    """p and strength of groups in rows against draws of one kind without groups.

    Of both indices the one counts that is further below its mean, in standard deviations of the
    draws and the rows together, for rows and draws alike, so that p is exact where rows are such a
    draw.

    Parameters
    ----------
    apart
        Whether there must also be fewer rows between centres than in half of the draws, and of
        three parts than in four of five: the corner of one skewed cloud divides in three as groups
        do, but no gap is between the parts.
    """

    def drawn(own: np.random.SeedSequence) -> Array:
        rng = np.random.default_rng(own)
        return indices(draw(rng), rng)

    draws = side_by_side(drawn, np.random.SeedSequence(seed).spawn(n_draws))
    found = np.array([indices(rows, np.random.default_rng(seed)), *draws])
    divided, between = found[:, 0], found[:, 1]
    below = (divided.mean(axis=0) - divided) / np.maximum(divided.std(axis=0), 1e-12)
    best = below.max(axis=1)
    p = float(np.mean(best >= best[0]))
    if apart:
        way = int(below[0].argmax())
        as_few = float(np.mean(between[:, way] <= between[0, way]))
        p = max(p, as_few) if as_few > _APART[way] else p
    return p, float((best[0] - best[1:].mean()) / max(float(best[1:].std()), 1e-12))
