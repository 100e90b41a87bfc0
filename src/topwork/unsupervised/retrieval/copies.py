"""Which of the items that were found are copies of each other."""

from __future__ import annotations

from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from topwork.intake.collection import Collection
from topwork.quality import find_duplicates

ALL: Final = 3000
"""Up to so many items all copies are known; of more, those among the items that were found."""

_BESIDE: Final = 500
"""Other items that say how alike different items are here."""


class Copies:
    """Groups of items that show or say the same, as `topwork check` finds them."""

    def __init__(self, collection: Collection, *, known: int = ALL) -> None:
        self._collection = collection
        self._known = known

    def among(self, found: NDArray[np.int64]) -> dict[int, list[int]]:
        """For the first of each group of found items (m,), the positions of its copies."""
        if len(self._collection) <= self._known:
            chosen, groups = np.arange(len(self._collection)), self._all
        else:
            chosen, groups = self._some(found)
        members: dict[int, list[int]] = {}
        for position, group in zip(chosen.tolist(), groups.tolist(), strict=True):
            members.setdefault(group, []).append(position)
        group_of = dict(zip(chosen.tolist(), groups.tolist(), strict=True))
        first: dict[int, list[int]] = {}
        seen: set[int] = set()
        for position in found.tolist():
            group = group_of[position]
            if group not in seen:
                seen.add(group)
                first[position] = [other for other in members[group] if other != position]
        return first

    @cached_property
    def _all(self) -> NDArray[np.int64]:
        return self._groups(np.arange(len(self._collection)))

    def _some(self, found: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        rng = np.random.default_rng(0)
        beside = np.setdiff1d(rng.integers(0, len(self._collection), _BESIDE), found)
        both = np.concatenate([found, beside])
        groups = self._groups(both)
        return found, groups[: len(found)]

    def _groups(self, positions: NDArray[np.integer]) -> NDArray[np.int64]:
        one = self._collection
        return find_duplicates(
            [one.keys[i] for i in positions],
            one.similarity(positions.astype(np.intp)),
            one.features[positions],
        ).groups
