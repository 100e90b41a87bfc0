"""Error against labels, and how many there are."""

from __future__ import annotations

from topwork.metrics.records import Record, Score


class CurvePoint(Record):
    """A share at so many labels per class."""

    labels_per_class: float
    score: Score


class LearningCurve(Record):
    """Measured points, and the law fitted to them with its band.

    Attributes
    ----------
    metric
        The name of the share, such as ``error``.
    measured
        On nested subsets.
    fitted
        The law at closely spaced places, past the last measured point too.
    sentence
        What more labels would probably bring.
    """

    measured: tuple[CurvePoint, ...]
    fitted: tuple[CurvePoint, ...] = ()
    metric: str = "error"
    sentence: str = ""


class LabelStage(Record):
    """A range of labels per class in which the same things help.

    Attributes
    ----------
    name
        What helps.
    low, high
        Labels per class, from and below.
    """

    name: str
    low: float
    high: float


class LabelBudget(Record):
    """Where a set stands on the way from one label per class to many.

    Attributes
    ----------
    labels_per_class
        On average.
    stages
        One after the other.
    sentence
        What helps now.
    """

    labels_per_class: float
    stages: tuple[LabelStage, ...]
    sentence: str = ""
