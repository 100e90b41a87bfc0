"""A model carried to another domain without labels."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from topwork.metrics.records import Record, Score
from topwork.report.images import DataUri
from topwork.selection.unlabelled_choice import LabelFreeScores

Place = Annotated[float, Field(ge=0, le=100)]


class Spot(Record):
    """An item on a map, in per cent of its width and height; ``new`` where it has no label."""

    x: Place
    y: Place
    new: bool


class DomainMap(Record):
    """Items of both domains as a network sees them, flattened."""

    title: str
    spots: tuple[Spot, ...]


class Judged(LabelFreeScores):
    """What the scores without labels say of one model; ``chosen`` for the selected one."""

    chosen: bool


class Relabelled(Record):
    """An item that gets another label than before."""

    path: str
    before: str
    after: str
    confidence: float
    image: DataUri | None = None
    text: str | None = None


class Way(Record):
    """One way to label the new items; how far it agrees with their ensemble, 0 to 1."""

    name: str
    agreement: float


class Adaptation(Record):
    """What differs between the domains, what was done about it, and what that changed.

    Attributes
    ----------
    sentence
        What shifted.
    audit
        Accuracy before and after on all new items, from the labels of some of them.
    n_relabelled
        Items that get another label, in all.
    """

    sentence: str = ""
    maps: tuple[DomainMap, ...] = ()
    label_free_scores: tuple[Judged, ...] = ()
    ways: tuple[Way, ...] = ()
    relabelled: tuple[Relabelled, ...] = ()
    n_relabelled: int = 0
    audit: tuple[Score, Score] | None = None
