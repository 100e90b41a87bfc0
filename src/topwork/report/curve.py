"""Error against labels."""

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
