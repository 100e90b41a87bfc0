"""Finding items that are there more than once: copies, and copies of copies."""

from __future__ import annotations

from collections.abc import Sequence, Sized
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.data.groups import join_pairs
from topwork.errors import ParameterError
from topwork.quality.similarity import Pair, Similarity


@dataclass(frozen=True, eq=False)
class Duplicates:
    """What is there more than once among n items.

    Parameters
    ----------
    groups
        int64 (n,): equal for items that show the same image, directly or through others;
        numbered by their first items.
    pairs
        The reasons. Of m items with equal content the first is paired with the m - 1 others.
    undecided
        (n,): items whose class looks so much alike that changed copies can't be told from
        different images; only equal content was looked for.
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
    similarity: Similarity,
    features: NDArray[np.floating],
    codes: NDArray[np.integer] | None = None,
    *,
    near_duplicates: bool = True,
) -> Duplicates:
    """Find the items that show or say the same.

    Equal content is found by its key, changed copies by what the items look like: see
    `ImageSimilarity` and `TextSimilarity`. Deterministic; memory grows with n, not with its square.

    Parameters
    ----------
    keys
        n content keys.
    similarity
        What they look like.
    features
        (n, d), pooled features.
    codes
        (n,): the class of each item, if there are any; what looks alike across classes tells how
        alike different images are here.
    near_duplicates
        Whether changed copies are sought, beside equal content.

    Raises
    ------
    ParameterError
        The lengths do not agree.

    Examples
    --------
    >>> from topwork.quality import ImageSimilarity
    >>> rng = np.random.default_rng(0)
    >>> images = rng.integers(0, 256, (3, 8, 8)).repeat(8, 1).repeat(8, 2).astype(np.uint8)
    >>> images[2] = images[0] * 0.9
    >>> similarity = ImageSimilarity(images, np.zeros((3, 2), np.int64))
    >>> found = find_duplicates([b"a", b"b", b"c"], similarity, rng.normal(size=(3, 5)))
    >>> found.groups.tolist(), found.pairs[0].kind
    ([0, 1, 0], 'near')
    """
    n = len(keys)
    _check(n, similarity=similarity, features=features, codes=codes)
    first_of = _first_with_key(keys)
    exact = [Pair(int(i), k, "exact", 1.0) for k, i in enumerate(first_of) if i != k]
    near: list[Pair] = []
    unclear = np.empty(0, np.intp)
    if near_duplicates:
        near, unclear = similarity.near(np.flatnonzero(first_of == np.arange(n)), features, codes)
    pairs = sorted([*exact, *near], key=lambda pair: (pair.first, pair.second))
    groups = join_pairs(n, [p.first for p in pairs], [p.second for p in pairs])
    undecided = np.isin(np.arange(n), unclear)
    return Duplicates(groups, tuple(pairs), undecided)


def _first_with_key(keys: Sequence[bytes]) -> NDArray[np.intp]:
    first: dict[bytes, int] = {}
    return np.array([first.setdefault(key, i) for i, key in enumerate(keys)], np.intp)


def _check(n: int, **arrays: Sized | None) -> None:
    for name, values in arrays.items():
        if values is not None and len(values) != n:
            raise ParameterError(
                f"There are {n} keys but {name} has {len(values)} entries.",
                remedy=f"Give one entry of {name} for each key, in the same order.",
            )
