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


class LeftOutTask(BaseModel):
    """A task that the prior was learnt without.

    Attributes
    ----------
    name
        Its folder.
    n_classes
        Classes with two independent items or more.
    plain
        Accuracy with one label per class, of the nearest class mean.
    gain
        What the prior of the other tasks adds.
    """

    name: str
    n_classes: int
    plain: float
    gain: float


class TrainedMetric(BaseModel):
    """A metric, or layers, trained on episodes, beside the closed form.

    Attributes
    ----------
    added
        Accuracy with one label per class that it adds to the closed form on tasks that were left
        out; the interval is over tasks.
    used
        Whether that is certain, so that it is the prior.
    """

    added: Estimated
    used: bool


class MetaResult(JsonObject):
    """A prior that was learnt from many tasks, or that none pays.

    Attributes
    ----------
    prior
        The file, or of ``anil`` the folder of a backbone; None where nothing was written.
    n_tasks
        Tasks that it was learnt from.
    gain
        Accuracy that it adds with one label per class on tasks that were left out; the interval is
        over tasks.
    shipped
        Whether the gain is certain, and the prior written.
    shrinkage
        How much equal variance along all axes counts in it; 0 for a trained metric.
    method
        What the prior is: ``closed-form``; ``protonet`` or ``anil`` where that was asked for and
        is used.
    trained
        What training brought; None where it was not asked for.
    tasks
        One by one.
    backbone
        The network whose features it is for.
    n_items
        Items of all tasks.
    rejected
        Items that could not be read.
    notes
        How the data were read.
    """

    prior: str | None
    n_tasks: int
    gain: Estimated
    shipped: bool
    shrinkage: float
    method: str
    trained: TrainedMetric | None
    tasks: list[LeftOutTask]
    backbone: str
    n_items: int
    rejected: list[RejectedRecord]
    notes: list[str]
