"""What a check of boxes found: plain records, each list complete."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict

from topwork.data import BoxIssue
from topwork.quality.boxes.odd_boxes import BoxOddity


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BoxClass(_Record):
    """A class: its boxes, those that are ignored apart, and the images that show it."""

    label: str
    n: int
    n_images: int


class BoxRecord(_Record):
    """One box of an image; corners in pixels of the upright image."""

    path: str
    label: str
    x1: float
    y1: float
    x2: float
    y2: float


class OddBox(BoxRecord):
    """A box of an unusual size or shape."""

    oddity: BoxOddity


class BoxPair(_Record):
    """Two boxes of one image at nearly the same place.

    ``overlap`` is their intersection over union, from 0 to 1.
    """

    first: BoxRecord
    second: BoxRecord
    overlap: float


class BoxIssueRecord(_Record):
    """Something in annotations that was not taken as it is written: see `topwork.data.BoxIssue`."""

    path: str
    reason: str
    detail: str

    @classmethod
    def of(cls, issue: BoxIssue) -> Self:
        """The record of an issue."""
        return cls(path=issue.path, reason=issue.reason, detail=issue.detail)


class BoxFindings(_Record):
    """All that was found about boxes.

    Parameters
    ----------
    n_boxes
        Boxes of readable images, those that are ignored among them.
    n_ignored
        Crowds and difficult objects.
    n_without
        Images that show no object.
    classes
        How many boxes each class has.
    issues
        What was rejected, clipped, dropped, missing or unreadable; ``issues_by_reason`` counts it.
    duplicates
        Two boxes of one class at the same place.
    conflicts
        Two boxes of different classes at the same place.
    odd_boxes
        Tiny, or of unusual size or shape for their class.
    """

    n_boxes: int
    n_ignored: int
    n_without: int
    classes: tuple[BoxClass, ...]
    issues: tuple[BoxIssueRecord, ...]
    issues_by_reason: dict[str, int]
    duplicates: tuple[BoxPair, ...]
    conflicts: tuple[BoxPair, ...]
    odd_boxes: tuple[OddBox, ...]

    @property
    def clean(self) -> bool:
        """Whether nothing was found that a person should look at."""
        return not (self.issues or self.duplicates or self.conflicts or self.odd_boxes)
