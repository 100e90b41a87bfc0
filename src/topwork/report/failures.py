"""Where the model fails."""

from __future__ import annotations

from topwork.evaluation.records import Record, Score
from topwork.report.pictures import DataUri


class Slice(Record):
    """Items that have something in common.

    Attributes
    ----------
    p_value
        That the slice differs from the rest, corrected for the number of slices looked at.
    flagged
        Whether it is worse than the rest beyond chance.
    """

    name: str
    n: int
    score: Score
    p_value: float | None = None
    flagged: bool = False


class WrongItem(Record):
    """An item that the model is sure of and wrong about.

    Attributes
    ----------
    saliency
        The picture again, with what the prediction rests on marked.
    """

    path: str
    truth: str
    predicted: str
    confidence: float
    picture: DataUri | None = None
    text: str | None = None
    saliency: DataUri | None = None


class Failures(Record):
    """Slices and the most confidently wrong items, worst first.

    Attributes
    ----------
    overall
        The share of all items that the slices are compared with.
    n_wrong
        Wrong items in all; the number of those given where it is None.
    """

    slices: tuple[Slice, ...] = ()
    overall: Score | None = None
    metric: str = "accuracy"
    slices_note: str = ""
    wrong: tuple[WrongItem, ...] = ()
    n_wrong: int | None = None
    saliency_note: str = ""
