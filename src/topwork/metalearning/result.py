"""What episodes told, as plain data."""

from __future__ import annotations

from pydantic import BaseModel

from topwork.data.json_object import JsonObject
from topwork.features.rejected import RejectedRecord


class Estimated(BaseModel):
    """A mean over episodes.

    Attributes
    ----------
    value
        The mean.
    low, high
        Its 95 % interval if more episodes of the same items were drawn.
    """

    value: float
    low: float
    high: float


class ClassInterval(BaseModel):
    """A 95 % interval if other classes of the same kind were taken.

    Attributes
    ----------
    low, high
        Its bounds; the widest possible ones where there are too few classes to tell.
    """

    low: float
    high: float


class ShotsResult(BaseModel):
    """Episodes with so many labelled items per class.

    Attributes
    ----------
    shots
        Labelled items per class.
    n_classes
        Classes with enough items.
    accuracy, over_classes
        Of the nearest class mean, each item being predicted by itself.
    together, together_over_classes
        Of all items of an episode being predicted together.
    gain, gain_over_classes
        What predicting them together adds, episode by episode.
    """

    shots: int
    n_classes: int
    accuracy: Estimated
    over_classes: ClassInterval
    together: Estimated
    together_over_classes: ClassInterval
    gain: Estimated
    gain_over_classes: ClassInterval


class EpisodesResult(JsonObject):
    """How well few labelled items per class do.

    Attributes
    ----------
    ways
        Classes of an episode.
    episodes
        How many were drawn, for each number of shots.
    queries
        Whether the items to predict are balanced.
    shots
        By number of labelled items.
    backbone
        The network whose features were used.
    n_items, n_groups
        Items, and those of them that are independent: copies and what belongs together count once.
    seconds
        Of the episodes, without features.
    rejected
        Items that could not be read.
    skipped, notes
        What in the data is no item, and how the data were read.
    """

    ways: int
    episodes: int
    queries: str
    shots: list[ShotsResult]
    backbone: str
    n_items: int
    n_groups: int
    seconds: float
    rejected: list[RejectedRecord]
    skipped: dict[str, int]
    notes: list[str]
