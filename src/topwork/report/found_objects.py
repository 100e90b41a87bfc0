"""What a detector finds, misses, invents and suggests."""

from __future__ import annotations

from topwork.metrics.records import Record
from topwork.report.images import DataUri


class ObjectClass(Record):
    """One class of objects: how many there are, and the average precision at half overlap.

    ``ap50`` is None where no image shows one.
    """

    label: str
    n_objects: int
    n_images: int
    ap50: float | None


class FrocPoint(Record):
    """What one threshold gives: false boxes per image, and the share of objects found."""

    false_per_image: float
    recall: float


class FalseKind(Record):
    """Why boxes are false, or objects missed.

    Attributes
    ----------
    note
        What is counted, in a sentence.
    """

    name: str
    n: int
    note: str = ""


class ShownImage(Record):
    """An image, with the objects that are there and what was found.

    Attributes
    ----------
    n_false, n_missed
        False boxes and missed objects at the model's threshold.
    """

    path: str
    image: DataUri | None
    n_false: int
    n_missed: int


class FoundObjects(Record):
    """What a detector does on images that it was judged on.

    Attributes
    ----------
    judged_on
        Which images these are, such as ``images held out``.
    curve
        Recall against false boxes per image (FROC), from strict to loose.
    most_false
        Where the axis of false boxes ends.
    threshold
        The model's point on the curve; None where it lies beyond the axis.
    sentence
        What the model's threshold gives.
    worst
        Images with the most errors.
    n_wrong
        Images with errors in all.
    """

    judged_on: str = "images held out"
    classes: tuple[ObjectClass, ...]
    curve: tuple[FrocPoint, ...]
    most_false: float
    threshold: FrocPoint | None
    sentence: str
    kinds: tuple[FalseKind, ...] = ()
    worst: tuple[ShownImage, ...] = ()
    n_wrong: int = 0


class SuggestedImage(Record):
    """An image to annotate, drawn with its suggested boxes."""

    path: str
    image: DataUri | None
    n_boxes: int


class Suggestions(Record):
    """Images to annotate, the most useful first."""

    images: tuple[SuggestedImage, ...]
