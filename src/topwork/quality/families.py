"""Items that were made from one original: augmented copies, frames of one video."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.data.groups import join_groups, join_pairs
from topwork.quality.duplicates import Duplicates
from topwork.quality.name_evidence import hinted_families, named_families
from topwork.quality.neighbours import unit_rows
from topwork.quality.similarity import Similarity


@dataclass(frozen=True, eq=False)
class Families:
    """Which of n items come from one original.

    Parameters
    ----------
    groups
        int64 (n,): equal for items of one original, and for items that show the same.
    joined
        (n,): items that are of one family with another one, by its name or by what it looks like.
    """

    groups: NDArray[np.int64]
    joined: NDArray[np.bool_]

    def members(self) -> list[NDArray[np.intp]]:
        """Positions of the items of each family, by first item."""
        order = np.argsort(self.groups, kind="stable")
        starts = np.flatnonzero(np.diff(self.groups[order])) + 1
        return [part for part in np.split(order, starts) if self.joined[part].any()]


def find_families(
    names: Sequence[str],
    similarity: Similarity,
    features: NDArray[np.floating],
    duplicates: Duplicates,
    codes: NDArray[np.integer] | None = None,
) -> Families:
    """Find items that were made from one original, by their names and by what they look like.

    Parameters
    ----------
    names
        n paths.
    similarity
        What the items look like.
    features
        (n, d), pooled features.
    duplicates
        Which items show the same; they stay together.
    codes
        (n,): the class of each item, if there are any; an original has one class.

    Examples
    --------
    >>> from topwork.quality import TextSimilarity, find_duplicates
    >>> features = np.eye(6).repeat(3, axis=0)
    >>> shingles = np.arange(18, dtype=np.uint8)[:, None].repeat(60, 1)
    >>> similarity = TextSimilarity(shingles, np.ones(18, int))
    >>> copies = find_duplicates([bytes([i]) for i in range(18)], similarity, features)
    >>> names = [f"img{i}_rot{angle}.jpg" for i in range(6) for angle in (0, 90, 180)]
    >>> find_families(names, similarity, features, copies).groups.tolist()[:7]
    [0, 0, 0, 1, 1, 1, 2]
    """
    n = len(names)
    classes = np.zeros(n, np.int64) if codes is None else codes
    rows = unit_rows(features)
    named = named_families(names, rows, classes)
    pairs = [(family[0], other) for family in named for other in family[1:]]
    first, second = np.array(pairs, np.intp).reshape(-1, 2).T
    known = join_groups(join_pairs(n, first, second), duplicates.groups)
    groups = similarity.related(known, features, classes, hinted_families(names, classes))
    return Families(groups, _size(groups) > _size(duplicates.groups))


def _size(groups: NDArray[np.int64]) -> NDArray[np.intp]:
    """Of each item's group, (n,)."""
    sizes: NDArray[np.intp] = np.bincount(groups)[groups]
    return sizes
