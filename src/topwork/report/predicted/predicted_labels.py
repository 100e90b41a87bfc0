"""How well each of several labels is found."""

from __future__ import annotations

from topwork.metrics.records import Record, Score


class ReportedLabel(Record):
    """One label.

    Attributes
    ----------
    n
        Items that have it.
    threshold
        Probability from which it is predicted.
    precision, recall, f1, average_precision
        Of held-out items; None where nothing can be said.
    """

    label: str
    n: int
    threshold: float
    precision: Score | None
    recall: Score | None
    f1: Score | None
    average_precision: Score | None


class PredictedLabelSets(Record):
    """What predicted labels are worth.

    Attributes
    ----------
    labels
        In the order of the model.
    sentences
        How often nothing is predicted, and what is promised.
    """

    labels: tuple[ReportedLabel, ...]
    sentences: tuple[str, ...] = ()
