"""What was found in the data."""

from __future__ import annotations

from topwork.metrics.records import Record
from topwork.report.images import DataUri


class RejectedItems(Record):
    """Items that could not be read, for one reason; a few of them by name."""

    reason: str
    meaning: str
    n: int
    examples: tuple[str, ...] = ()


class Member(Record):
    """An item of a group."""

    path: str
    label: str = ""
    image: DataUri | None = None
    text: str | None = None


class ItemGroup(Record):
    """Items that belong together: copies of one image, or one image under several labels.

    Attributes
    ----------
    n
        Items in the group, where not all of them are given.
    """

    kind: str
    members: tuple[Member, ...]
    n: int | None = None

    @property
    def size(self) -> int:
        """Items in the group."""
        return len(self.members) if self.n is None else self.n


class DoubtfulLabel(Record):
    """An item whose label the model doubts.

    Attributes
    ----------
    confidence
        The probability of the suggested label, out of fold.
    """

    path: str
    label: str
    suggested: str
    confidence: float
    image: DataUri | None = None
    text: str | None = None


class ClassSize(Record):
    """A class and its items."""

    label: str
    n: int


class DataFindings(Record):
    """Everything that the check of the data found.

    The ``n_`` fields say how many there are in all, where the tuples hold only the first of them.
    """

    rejected: tuple[RejectedItems, ...] = ()
    duplicates: tuple[ItemGroup, ...] = ()
    n_duplicates: int | None = None
    conflicts: tuple[ItemGroup, ...] = ()
    n_conflicts: int | None = None
    families: tuple[ItemGroup, ...] = ()
    n_families: int | None = None
    doubtful: tuple[DoubtfulLabel, ...] = ()
    n_doubtful: int | None = None
    class_sizes: tuple[ClassSize, ...] = ()
    hints: tuple[str, ...] = ()
