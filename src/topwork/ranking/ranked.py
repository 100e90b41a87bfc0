"""What a ranking found, as plain data."""

from __future__ import annotations

from typing import Literal

from topwork.backbones.sources.tfidf import TFIDF
from topwork.data import ModalityName
from topwork.data.json_object import JsonObject
from topwork.features.rejected import RejectedRecord
from topwork.metrics.paired import PairedTest
from topwork.metrics.records import Record, Score, Scores


class RankedBackbone(Record):
    """One candidate.

    Attributes
    ----------
    backbone
        What ``fit --backbone`` takes.
    place
        From 1; those that tie share it.
    n_items
        Items that it was judged on: fewer where it was clearly beaten before all were used.
    scores
        Of ridge regression on its features, every item or group left out exactly, with one
        temperature.
    brier
        Of the same, 0 to 2, less being better: what candidates are compared by.
    behind
        What the leader of its tier is better by, in halves of the Brier score, balanced over the
        classes; ``None`` for the leader.
    log_me, h_score
        Two scores from the literature, of the same items; higher is better.
    images_per_second
        That the network gets through here, decoding aside; ``None`` where it wasn't timed.
    parameters
        Numbers that the network computes with, its classifier aside.
    gflops
        Billions of multiply-adds for one image, or one text of 32 tokens.
    weights_bytes
        Size of its weights, which is what a download takes.
    input
        Height and width of its input in pixels; of texts how many tokens or words it looks at.
    licence
        Of its weights, as far as it is known.
    """

    backbone: str
    place: int
    n_items: int
    scores: Scores
    brier: Score
    behind: PairedTest | None
    log_me: float
    h_score: float
    images_per_second: float | None
    parameters: int
    gflops: float
    weights_bytes: int
    input: tuple[int, ...]
    licence: str | None


class RankingSeconds(Record):
    """Where the time went.

    Attributes
    ----------
    open
        Making networks ready to run.
    features
        Reading, decoding and running items.
    scores
        The closed forms, and what is compared by them.
    timing
        Measuring how fast the networks are.
    """

    open: float
    features: float
    scores: float
    timing: float


class Ranking(JsonObject, Record):
    """Which backbone suits the data.

    Attributes
    ----------
    best
        The cheapest of those that tie for the first place.
    ties
        All of those, from cheap to dear.
    ranked
        Whether the items were enough to compare.
    reason
        Why it is the best, for people.
    n_items, n_classes
        What there is to learn from.
    n_used
        Items that it took to settle it.
    n_groups
        Of the items used, those that must not be told apart counted as one.
    rejected
        Items that could not be read, of those used.
    engine
        What computed the features.
    backbones
        All candidates, the best first.
    """

    task: Literal["classes"] = "classes"
    modality: ModalityName = "image"
    best: str
    ties: tuple[str, ...]
    ranked: bool
    reason: str
    n_items: int
    n_classes: int
    n_used: int
    n_groups: int
    rejected: tuple[RejectedRecord, ...]
    engine: str
    precision: str
    backbones: tuple[RankedBackbone, ...]
    seconds: RankingSeconds

    @property
    def best_network(self) -> str:
        """The first that ``fit --backbone`` takes: the words of texts are tried in every fit."""
        return next(one.backbone for one in self.backbones if one.backbone != TFIDF)
