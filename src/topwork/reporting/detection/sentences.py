"""What a detector's scores mean, in sentences."""

from __future__ import annotations

from topwork.metrics.records import Score
from topwork.model.detection.evaluation import AtThreshold
from topwork.report.numbers import number, percent


def how_good(ap50: Score, at: AtThreshold) -> str:
    """The average precision, and what the threshold gives.

    Examples
    --------
    >>> at = AtThreshold(threshold=0.5, precision=None, recall=None, false_per_image=0.0)
    >>> how_good(Score(value=0.9, low=0.8, high=0.95), at)[:40]
    'Average precision at half overlap is 90.'
    """
    said = f"Average precision at half overlap is {percent(ap50.value)}."
    if at.recall is None or at.precision is None:
        return said
    return (
        f"{said} At its threshold the detector finds {percent(at.recall)} of the objects, and "
        f"{percent(at.precision)} of its boxes are right: {number(at.false_per_image)} false "
        "boxes per image."
    )


def how_sure(ap50: Score) -> str:
    """The interval, and what it holds for.

    Examples
    --------
    >>> how_sure(Score(value=0.9, low=0.8, high=0.95))[-56:]
    'confidence, for images like the ones it was measured on.'
    >>> how_sure(Score(value=0.0, low=0.0, high=0.0))[:41]
    'The true average precision lies between 0'
    """
    high = 1.0 if ap50.high is None else ap50.high
    return (
        f"The true average precision lies between {percent(ap50.low)} and {percent(high)} with "
        "95 % confidence, for images like the ones it was measured on."
    )
