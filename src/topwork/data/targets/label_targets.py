"""Several labels per item as targets."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from topwork.data.targets.written_lists import in_one_cell

Marks: TypeAlias = Mapping[str, int]
"""What is known of one item: 1 for a label that it has, 0 or nothing for one that it doesn't have,
-1 for one of which it is unknown."""

UNKNOWN: Final = -1

_WHOLE: Final = re.compile(r"0|[1-9][0-9]*")


@dataclass(frozen=True, eq=False)
class LabelTargets:
    """Which of L labels each of n items has.

    Parameters
    ----------
    labels
        The L names, sorted; as numbers where all of them are whole numbers.
    presence
        int8 (n, L): 1 where the item has the label, 0 where it doesn't, -1 where that is unknown.
    complete
        Whether no item has any other label, as where each lists all of its labels; where each label
        has a column of its own, nothing is known of others.

    Examples
    --------
    >>> targets = LabelTargets.from_marks([{"sea": 1}, {"sky": 1, "sea": 1}, {"sky": -1}])
    >>> targets.labels, targets.presence.tolist(), targets.counts().tolist()
    (('sea', 'sky'), [[1, 0], [1, 1], [0, -1]], [2, 1])
    """

    labels: tuple[str, ...]
    presence: NDArray[np.int8]
    complete: bool = True

    @classmethod
    def from_marks(cls, rows: Sequence[Marks], *, complete: bool = True) -> LabelTargets:
        """The targets of n items, by all names that any of them mentions."""
        labels = sorted_labels({label for row in rows for label in row})
        place = {label: j for j, label in enumerate(labels)}
        presence = np.zeros((len(rows), len(labels)), np.int8)
        for i, row in enumerate(rows):
            for label, mark in row.items():
                presence[i, place[label]] = mark
        return cls(labels, presence, complete)

    def __len__(self) -> int:
        return len(self.presence)

    def take(self, indices: np.ndarray) -> LabelTargets:
        """Keep some of the items and all of the labels."""
        return replace(self, presence=self.presence[indices])

    def keep_labels(self, kept: NDArray[np.bool_]) -> LabelTargets:
        """Keep some of the labels, by a mask (L,)."""
        labels = tuple(label for label, keep in zip(self.labels, kept, strict=True) if keep)
        return replace(self, labels=labels, presence=self.presence[:, kept])

    def counts(self) -> NDArray[np.int64]:
        """Items that have each label: int64 (L,)."""
        return np.asarray((self.presence == 1).sum(axis=0), np.int64)

    def values(self) -> list[tuple[str, ...]]:
        """Give the labels of each of the n items."""
        return [tuple(self.labels[j] for j in np.flatnonzero(row == 1)) for row in self.presence]

    def texts(self) -> list[str]:
        """The same as cells hold them, such as ``sea;sky``."""
        return [in_one_cell(labels) for labels in self.values()]

    def rows(self) -> list[Marks]:
        """What is known of each of the n items."""
        return [dict(zip(self.labels, row.tolist(), strict=True)) for row in self.presence]

    def matched(self, labels: Sequence[str]) -> LabelTargets:
        """The same items by other labels (M,).

        Examples
        --------
        >>> listed = LabelTargets(("b",), np.ones((1, 1), np.int8))
        >>> listed.matched(["a", "b"]).presence.tolist()
        [[0, 1]]
        >>> replace(listed, complete=False).matched(["a", "b"]).presence.tolist()
        [[-1, 1]]
        """
        place = {label: j for j, label in enumerate(self.labels)}
        found = np.full((len(self), len(labels)), 0 if self.complete else UNKNOWN, np.int8)
        for j, label in enumerate(labels):
            if label in place:
                found[:, j] = self.presence[:, place[label]]
        return replace(self, labels=tuple(labels), presence=found)


def joined_labels(first: LabelTargets, second: LabelTargets) -> LabelTargets:
    """The items of two parts of one source one after the other.

    Examples
    --------
    >>> one, other = (LabelTargets((name,), np.ones((1, 1), np.int8)) for name in "ab")
    >>> joined_labels(one, other).presence.tolist()
    [[1, 0], [0, 1]]
    """
    labels = sorted_labels({*first.labels, *second.labels})
    both = np.concatenate([part.matched(labels).presence for part in (first, second)])
    return LabelTargets(labels, both, first.complete and second.complete)


def sorted_labels(names: set[str]) -> tuple[str, ...]:
    """Names in their order; whole numbers in that of numbers.

    Examples
    --------
    >>> sorted_labels({"10", "9"}), sorted_labels({"b", "10", "9"})
    (('9', '10'), ('10', '9', 'b'))
    """
    if all(_WHOLE.fullmatch(name) for name in names):
        return tuple(sorted(names, key=int))
    return tuple(sorted(names))
