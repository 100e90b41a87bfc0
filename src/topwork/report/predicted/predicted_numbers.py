"""Predicted numbers against true ones, and the intervals around them."""

from __future__ import annotations

from topwork.metrics.records import Record


class Point(Record):
    """An item: its true number, and what was predicted while it was held out."""

    true: float
    predicted: float


class PredictedNumbers(Record):
    """What single predictions are worth.

    Attributes
    ----------
    points
        Some of the items, for a figure.
    least, most
        Ends of both axes, in the units of the target.
    promise
        What the intervals hold, in a sentence.
    scale
        On which scale the model predicts, in a sentence.
    items
        Of what the points are predictions.
    """

    points: tuple[Point, ...]
    least: float
    most: float
    promise: str
    scale: str = ""
    items: str = "held-out items"
