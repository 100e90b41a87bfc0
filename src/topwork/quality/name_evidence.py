"""Whether items that share the stem of a name also look alike."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from topwork.quality.stems import SCHEMES, Scheme, families_by_name

_ALIKE = {True: 0.65, False: 0.9}
"""How often a pair of one stem must be more alike than a pair of two, where copies are marked and
where they are not: numbers alone also count sessions, patients and whole classes."""

_DEVIATIONS = 3.0
"""How far above one half that must be, in standard errors over the families."""

_LARGEST = 1 / 3
"""The part of a class beyond which a stem is the name of the class, or of the set."""

_MIN = 4
"""Families below which names say nothing."""

_PAIRS = 12
"""Of a family that are looked at."""

_NEARLY = 0.12
"""How much less alike pairs may be under a reading that joins more; that of two originals taken for
one would be by 0.2."""

_HINT = Scheme(parameters=False, numbers=1)

Family = tuple[int, ...]


def named_families(
    names: Sequence[str], rows: NDArray[np.float32], codes: NDArray[np.integer], *, seed: int = 0
) -> list[Family]:
    """Items of one class whose names share a stem and which look as if they came from one source.

    Of the ways of reading names the one is taken that joins most pairs, of those whose pairs are
    about as much more alike than other pairs of the class as the best one's are. Marked names
    (``img7_rot90``) are taken at that; names with numbers only (``clip3_0012``) have to be far
    more alike than others.

    Parameters
    ----------
    names
        n paths.
    rows
        Unit features (n, d).
    codes
        The class of each (n,).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> rows = np.eye(6, dtype=np.float32).repeat(3, axis=0)
    >>> names = [f"img{i}_rot{angle}.jpg" for i in range(6) for angle in (0, 90, 180)]
    >>> len(named_families(names, rows, np.zeros(18, int)))
    6
    """
    found: list[Family] = []
    for marked in (True, False):
        tried = []
        for scheme in SCHEMES:
            families = _of_size(
                families_by_name(names, codes.tolist(), scheme, marked=marked), codes
            )
            alike = _more_alike(families, rows, codes, seed) if len(families) >= _MIN else None
            if alike is not None and alike >= _ALIKE[marked]:
                tried.append((alike, _pairs(families), families))
        if tried:
            best = max(alike for alike, _, _ in tried)
            near = [one for one in tried if one[0] >= best - _NEARLY]
            found += max(near, key=lambda one: one[1])[2]
    return found


def hinted_families(names: Sequence[str], codes: NDArray[np.integer]) -> list[Family]:
    """Items of one class whose names share a stem before the last number, sorted by name."""
    found: list[Family] = []
    for marked in (True, False):
        one = families_by_name(names, codes.tolist(), _HINT, marked=marked)
        found += [tuple(sorted(f, key=lambda i: names[i])) for f in _of_size(one, codes)]
    return found


def _of_size(families: list[Family], codes: NDArray[np.integer]) -> list[Family]:
    sizes = np.bincount(codes)
    return [f for f in families if len(f) <= max(2, _LARGEST * sizes[codes[f[0]]])]


def _pairs(families: list[Family]) -> int:
    return sum(len(f) * (len(f) - 1) // 2 for f in families)


def _more_alike(
    families: list[Family], rows: NDArray[np.float32], codes: NDArray[np.integer], seed: int
) -> float | None:
    """How often a pair of a family is more alike than one of its items and another of the class.

    ``None`` where that can't be told from one half.
    """
    rng = np.random.default_rng(seed)
    of_class = {int(code): np.flatnonzero(codes == code) for code in np.unique(codes)}
    shares = []
    for family in families:
        others = np.setdiff1d(of_class[int(codes[family[0]])], family)
        if not len(others):
            continue
        pairs = np.array(list(combinations(family[:40], 2)))
        pairs = pairs[rng.permutation(len(pairs))[:_PAIRS]]
        strangers = rng.choice(others, len(pairs))
        inside = np.einsum("md,md->m", rows[pairs[:, 0]], rows[pairs[:, 1]])
        outside = np.einsum("md,md->m", rows[pairs[:, 0]], rows[strangers])
        shares.append(np.mean(inside > outside) + 0.5 * np.mean(inside == outside))
    if len(shares) < _MIN:
        return None
    mean, error = float(np.mean(shares)), float(np.std(shares) / np.sqrt(len(shares)))
    return mean if mean - _DEVIATIONS * error > 0.5 else None
