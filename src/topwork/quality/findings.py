"""What a check of the data found: plain records, each list complete."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from topwork.data.json_object import JsonObject
from topwork.features.rejected import RejectedRecord
from topwork.features.remarks import RemarkRecord
from topwork.quality.boxes.box_findings import BoxFindings
from topwork.quality.label_pairs import LabelPair
from topwork.quality.names import HintKind
from topwork.quality.similarity import DuplicateKind, Oddity

Why = Literal["", "duplicate", "conflict"]
"""Why an item is not kept; empty where it is."""


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Member(_Record):
    """One item of a group; ``label`` is None in data without labels."""

    path: str
    label: str | None
    split: str | None


class DuplicateGroup(_Record):
    """Items that show the same image.

    ``kind`` is ``exact`` where all have equal content. ``similarity`` is the lowest of the pairs
    that join them.
    """

    group: int
    kind: DuplicateKind
    similarity: float
    members: tuple[Member, ...]


class Hint(_Record):
    """Items whose names look as if they came from one source."""

    kind: HintKind
    stem: str
    paths: tuple[str, ...]


class Family(_Record):
    """Items of one class that seem to come from one original; ``group`` is that of the table."""

    group: int
    label: str | None
    paths: tuple[str, ...]


class ClassCount(_Record):
    """A class and its readable items; ``distinct`` counts a group of duplicates once."""

    label: str
    n: int
    distinct: int


class OddItem(_Record):
    """An image that is odd by itself; width and height in pixels, 0 where unknown."""

    path: str
    oddity: Oddity
    width: int
    height: int


class DoubtfulLabel(_Record):
    """A label to look at.

    ``probability`` is that of the suggested class, ``given_probability`` that of the given one,
    out of fold. ``text`` is the text itself; None for an image. Where items have several labels,
    ``label`` is the one in doubt, and what is given and suggested is ``present`` or ``absent``.
    """

    path: str
    text: str | None = None
    label: str | None = None
    given: str
    suggested: str
    probability: float
    given_probability: float

    @property
    def given_words(self) -> str:
        """What is given, with the label where there are several."""
        return self.given if self.label is None else f"{self.label} {self.given}"


class Findings(JsonObject, _Record):
    """All that was found.

    Parameters
    ----------
    n_items
        Readable items.
    cut_short
        Texts that a network won't see to their end.
    remarks
        How some of the images were read, and which show nothing.
    rejected
        Items that can't be read; ``rejected_by_reason`` counts them.
    duplicates
        Groups of items that show the same image.
    conflicts
        Those of them with more than one label.
    leaks
        Those of them that lie in more than one split.
    undecided_classes
        Classes whose images are so much alike that changed copies can't be told from different
        images.
    families
        Items that seem to come from one original, by their names or by what they look like.
    hints
        Names that look like one source, of items that are not kept together anyway.
    classes
        How many items each class has; ``small_classes`` have too few distinct ones to be judged.
    imbalance
        The largest class's items for each of the smallest class's; None without classes.
    odd_items
        Blank, dark, tiny or of unusual size or shape.
    doubtful_labels
        Those where another class is sure, the least probable given class first; of several labels
        those that are probably missing at an item or wrong. None where they were not looked for.
    label_pairs
        Labels that always or never occur together, where items have several; they don't count
        against the data.
    skipped
        What lay in the data and is no item: counts by extension (``.heic``) or description.
    notes
        Sentences about what was read in another way than it lies there, or may mean more.
    boxes
        What was found about the boxes of objects; None where the images have none.
    """

    n_items: int
    cut_short: int = 0
    remarks: tuple[RemarkRecord, ...] = ()
    rejected: tuple[RejectedRecord, ...]
    rejected_by_reason: dict[str, int]
    duplicates: tuple[DuplicateGroup, ...]
    conflicts: tuple[DuplicateGroup, ...]
    leaks: tuple[DuplicateGroup, ...]
    undecided_classes: tuple[str, ...]
    hints: tuple[Hint, ...]
    families: tuple[Family, ...] = ()
    classes: tuple[ClassCount, ...]
    small_classes: tuple[str, ...]
    imbalance: float | None
    odd_items: tuple[OddItem, ...]
    doubtful_labels: tuple[DoubtfulLabel, ...] | None
    label_pairs: tuple[LabelPair, ...] = ()
    skipped: dict[str, int] = {}
    notes: tuple[str, ...] = ()
    boxes: BoxFindings | None = None

    @property
    def blank(self) -> list[str]:
        """The images that show nothing."""
        return [odd.path for odd in self.odd_items if odd.oddity == "blank"]

    @property
    def clean(self) -> bool:
        """Whether nothing was found that a person should look at; hints don't count."""
        return not (
            self.rejected
            or self.duplicates
            or self.families
            or self.small_classes
            or self.odd_items
            or self.doubtful_labels
            or (self.boxes is not None and not self.boxes.clean)
        )


class DeduplicatedRow(_Record):
    """A row of the table that `topwork.quality.deduplicated` gives."""

    path: str
    label: str | None
    group: int
    keep: bool
    why: Why
