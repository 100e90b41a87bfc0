"""What a pretraining found, as plain data."""

from __future__ import annotations

from topwork.data.json_object import JsonObject
from topwork.features.rejected import RejectedRecord
from topwork.metrics.records import Record, Score


class TriedObjective(Record):
    """One way of refining the backbone.

    Attributes
    ----------
    name
        What people call it.
    gain
        Balanced accuracy of a probe on the refined features minus that on the start's, each
        labelled item held out, with its paired 95 % interval; ``None`` where nothing was judged.
    brier_gain
        By how much the Brier score of the same probes fell: what decides. ``None`` likewise.
    drift
        One minus the mean cosine between the refined vectors and the start's.
    losses
        Mean of each epoch.
    held_out
        Mean loss on items that were not trained on, before and after; ``None`` where it was not
        measured.
    chosen
        Whether it is the one that was kept.
    """

    name: str
    gain: Score | None
    brier_gain: float | None
    drift: float
    losses: tuple[float, ...]
    held_out: tuple[float, float] | None = None
    chosen: bool


class PretrainResult(JsonObject):
    """What a pretraining found.

    Attributes
    ----------
    backbone
        What ``--backbone`` should be: ``own:@DIR``, or the start where the refined one was refused.
    start
        The backbone that it started from.
    shipped
        Whether labelled items showed that the refined backbone is better.
    gain
        That of the chosen objective, as in `TriedObjective`; of the best one where none was
        chosen; ``None`` where nothing was judged.
    reason
        One sentence for people.
    n_items, n_copies
        Unlabelled items that were learnt from, and those left out because they show what a
        labelled one shows.
    n_labelled
        Labelled items that it was judged on.
    tried
        The objectives, in the order in which they were tried.
    """

    backbone: str
    start: str
    shipped: bool
    gain: Score | None
    reason: str
    n_items: int
    n_copies: int
    n_labelled: int
    rejected: tuple[RejectedRecord, ...]
    tried: tuple[TriedObjective, ...]
    seconds: float
