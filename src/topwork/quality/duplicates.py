"""Finding pictures that are there more than once: copies, and copies of copies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from topwork.errors import ParameterError
from topwork.quality.alignment import aligned_correlation
from topwork.quality.candidates import Candidates, best_of_each, find_candidates
from topwork.quality.groups import join_pairs
from topwork.quality.likeness import Evidence, confirmed
from topwork.quality.neighbours import unit_rows
from topwork.quality.signature import INNER, WHOLE, likeness, signatures
from topwork.quality.substance import FLAT, detail, levels_agree

DuplicateKind = Literal["exact", "near"]

_WORTH_ALIGNING = 0.88
"""Copies reach 0.92 in every set tried; most other pairs end here."""

_CHUNK = 4096


@dataclass(frozen=True, slots=True)
class Pair:
    """Two items that show the same picture; ``first < second``.

    Parameters
    ----------
    first, second
        Positions of the items.
    kind
        ``exact`` for equal content, ``near`` for a copy that was changed a little.
    similarity
        Correlation of the aligned pictures; 1 for equal content.
    """

    first: int
    second: int
    kind: DuplicateKind
    similarity: float


@dataclass(frozen=True, eq=False)
class Duplicates:
    """What is there more than once among n items.

    Parameters
    ----------
    groups
        int64 (n,): equal for items that show the same picture, directly or through others;
        numbered by their first items.
    pairs
        The reasons. Of m items with equal content the first is paired with the m - 1 others.
    undecided
        (n,): items whose class looks so much alike that changed copies can't be told from
        different pictures; only equal content was looked for.
    """

    groups: NDArray[np.int64]
    pairs: tuple[Pair, ...]
    undecided: NDArray[np.bool_]

    def members(self) -> list[NDArray[np.intp]]:
        """Positions of the items of each group that has at least two, by first item."""
        order = np.argsort(self.groups, kind="stable")
        starts = np.flatnonzero(np.diff(self.groups[order])) + 1
        return [part for part in np.split(order, starts) if len(part) > 1]


def find_duplicates(
    keys: Sequence[bytes],
    thumbnails: NDArray[np.uint8],
    features: NDArray[np.floating],
    codes: NDArray[np.integer] | None = None,
) -> Duplicates:
    """Find the items that show the same picture.

    Equal content is found by its key. Copies that were encoded again, resized, made brighter or
    darker, or cropped by a few per cent at any edge are first sought among the nearest neighbours
    by signature (a perceptual hash) and by features, then confirmed by aligning their pixels. How
    alike is the same is taken from the data: see `topwork.quality.likeness`. Deterministic;
    memory grows with n, not with its square.

    Parameters
    ----------
    keys
        n content keys.
    thumbnails
        uint8 (n, 64, 64), as from `topwork.quality.thumbnail`.
    features
        (n, d), pooled features.
    codes
        (n,): the class of each item, if there are any; what looks alike across classes tells how
        alike different pictures are here.

    Raises
    ------
    ParameterError
        The lengths do not agree.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> pictures = rng.integers(0, 256, (3, 8, 8)).repeat(8, 1).repeat(8, 2).astype(np.uint8)
    >>> pictures[2] = pictures[0] * 0.9
    >>> found = find_duplicates([b"a", b"b", b"c"], pictures, rng.normal(size=(3, 5)))
    >>> found.groups.tolist(), found.pairs[0].kind
    ([0, 1, 0], 'near')
    """
    n = len(keys)
    _check(n, thumbnails=thumbnails, features=features, codes=codes)
    first_of = _first_with_key(keys)
    exact = [Pair(int(i), k, "exact", 1.0) for k, i in enumerate(first_of) if i != k]
    # a picture without detail is like any other of its kind
    distinct = np.flatnonzero((first_of == np.arange(n)) & (detail(thumbnails) >= FLAT))
    near, unclear = _near(distinct, thumbnails, features, codes) if len(distinct) > 1 else ([], ())
    pairs = sorted([*exact, *near], key=lambda pair: (pair.first, pair.second))
    groups = join_pairs(n, [p.first for p in pairs], [p.second for p in pairs])
    undecided = np.isin(np.arange(n), unclear)
    return Duplicates(groups, tuple(pairs), undecided)


def _near(
    chosen: NDArray[np.intp],
    thumbnails: NDArray[np.uint8],
    features: NDArray[np.floating],
    codes: NDArray[np.integer] | None,
) -> tuple[list[Pair], NDArray[np.intp]]:
    small, marks = thumbnails[chosen], signatures(thumbnails[chosen])
    rows, classes = unit_rows(features[chosen]), None if codes is None else codes[chosen]
    whole = np.ascontiguousarray(marks[:, WHOLE])
    spaces = [(whole, whole), (np.ascontiguousarray(marks[:, INNER]), whole), (rows, rows)]
    candidates = find_candidates(spaces, classes)
    near = likeness(marks, candidates.first, candidates.second)
    few = (near >= _WORTH_ALIGNING) & best_of_each(candidates, near, classes)
    few &= levels_agree(small, candidates.first, candidates.second)
    cosines = _cosines(rows, candidates)
    correlations = np.zeros(len(candidates), np.float32)
    correlations[few] = aligned_correlation(small, candidates.first[few], candidates.second[few])
    evidence = Evidence(candidates, correlations, cosines)
    same, undecided = confirmed(evidence, classes, len(chosen))
    pairs = [
        Pair(int(chosen[a]), int(chosen[b]), "near", round(float(s), 4))
        for a, b, s in zip(
            candidates.first[same], candidates.second[same], correlations[same], strict=True
        )
    ]
    return pairs, chosen[undecided]


def _cosines(rows: NDArray[np.float32], pairs: Candidates) -> NDArray[np.float32]:
    out = np.empty(len(pairs), np.float32)
    for start in range(0, len(pairs), _CHUNK):
        part = slice(start, start + _CHUNK)
        out[part] = np.einsum("md,md->m", rows[pairs.first[part]], rows[pairs.second[part]])
    return out


def _first_with_key(keys: Sequence[bytes]) -> NDArray[np.intp]:
    first: dict[bytes, int] = {}
    return np.array([first.setdefault(key, i) for i, key in enumerate(keys)], np.intp)


def _check(n: int, **arrays: NDArray[np.generic] | None) -> None:
    for name, values in arrays.items():
        if values is not None and len(values) != n:
            raise ParameterError(
                f"There are {n} keys but {len(values)} {name}.",
                remedy=f"Give one entry of {name} for each key, in the same order.",
            )
