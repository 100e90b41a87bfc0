"""What a fit found, as plain data."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from topwork.evaluation import ClassScore, Scores
from topwork.model import RejectedRecord


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True)


class FeatureCounts(_Record):
    """Features that were computed, and that were in the store already."""

    computed: int
    cached: int


class Seconds(_Record):
    """Where the time went.

    Attributes
    ----------
    read
        Finding the items.
    features
        Reading, decoding and running them.
    head
        All fits of the head: the one that ships, and those that judge it.
    judge
        Scores and intervals.
    total
        Everything, saving included.
    """

    read: float
    features: float
    head: float
    judge: float
    total: float


class FitResult(_Record):
    """What ``fit`` found.

    Attributes
    ----------
    model
        Where the bundle was saved, if it was.
    head
        ``logistic``, or ``centroid`` where one or two labels a class allow no more.
    scores
        Of the head that ships, refitted in each fold; ``None`` where no fold can be made.
    images_per_second
        Items that went through the step ``features``, by its seconds.
    """

    model: str | None
    backbone: str
    strategy: str
    head: str
    engine: str
    precision: str
    n_items: int
    n_classes: int
    rejected: list[RejectedRecord]
    features: FeatureCounts
    scores: Scores | None
    per_class: list[ClassScore]
    seconds: Seconds
    images_per_second: float
