"""Candidates evaluated on parts of the items: features, groups, closed forms."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray

from topwork.data import Dataset
from topwork.errors import BackboneError
from topwork.features.opened_backbone import FrozenPart, check_takes, read_once
from topwork.features.rejected import RejectedRecord
from topwork.intake.families import families_of
from topwork.intake.labelled import check_labels, undivided
from topwork.metrics import Score, Scores, judge
from topwork.quality import find_duplicates
from topwork.quality.item_fingerprints import fingerprints_of
from topwork.ranking.backbone_candidate import LISTS, BackboneCandidate
from topwork.runtime.executor import run_tasks
from topwork.runtime.run_context import RunContext
from topwork.selection.choice import Candidate
from topwork.selection.halving import Round
from topwork.selection.transferability import transferability
from topwork.settings import FitSettings
from topwork.trials.trial import targets_of
from topwork.trials.word_features import readable_texts, word_features


@dataclass(frozen=True, eq=False)
class ScreeningResult:
    """What is known of a candidate from the last round that it took part in."""

    n_items: int
    scores: Scores
    brier: Score
    log_me: float
    h_score: float


@dataclass(frozen=True, eq=False)
class Items:
    """The readable items of a round, and which of them belong together."""

    first: FrozenPart
    groups: NDArray[np.int64]

    @property
    def codes(self) -> NDArray[np.int64]:
        return targets_of(self.first).codes


def score(
    codes: NDArray[np.int64],
    labels: list[str],
    groups: NDArray[np.int64],
    features: NDArray[np.floating],
) -> tuple[ScreeningResult, NDArray[np.float64]]:
    """What features ``(n, d)`` are worth, and how close to the truth each item was held."""
    one = transferability(features, codes, len(labels), groups=groups)
    judged = judge(
        codes,
        one.probabilities,
        labels,
        predicted=one.scores.argmax(axis=1),
        groups=groups,
        cross_validated=True,
    )
    assert judged.more is not None
    found = ScreeningResult(len(codes), judged.scores, judged.more.brier, one.log_me, one.h_score)
    return found, one.negative_half_brier(codes)


@dataclass
class Screening:
    """Judges candidates on parts of the data, and stores what it found."""

    data: Dataset
    order: NDArray[np.intp]
    backbone_candidates: dict[str, BackboneCandidate]
    run: RunContext[FitSettings]
    found: dict[str, ScreeningResult] = field(default_factory=dict)
    rejected: tuple[RejectedRecord, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)

    def judge(self, size: int, names: Sequence[str]) -> Round:
        """Scores of the named candidates on the first ``size`` items."""
        with self.clock("features"):
            networks = (self.backbone_candidates[name] for name in names)
            items = self._items(size, next(c for c in networks if c.opened is not None))
            features = [self._features(self.backbone_candidates[name], items) for name in names]
        with self.clock("scores"):
            labels = [str(label) for label in targets_of(items.first).labels]
            results = run_tasks(partial(score, items.codes, labels, items.groups), features)
        self.found.update((name, found) for name, (found, _) in zip(names, results, strict=True))
        scored = [
            Candidate(name, negative_half_brier)
            for name, (_, negative_half_brier) in zip(names, results, strict=True)
        ]
        return Round(scored, items.codes, items.groups)

    def _items(self, size: int, cheapest: BackboneCandidate) -> Items:
        """Read the items for the cheapest, and find out which are the same image."""
        data = self.data.take(np.sort(self.order[:size]))
        for backbone_candidate in self.backbone_candidates.values():
            _check_takes(backbone_candidate, data)
        sketches = fingerprints_of(data.kind.name, keep=self.run.settings.cache)
        read = read_once(
            data,
            cheapest.network.request,
            extra_requests=[sketches.request],
            max_bad=self.run.settings.max_bad,
            progress=self.run.steps(f"{cheapest.name} on {len(data)} items"),
        )
        self.rejected = tuple(RejectedRecord.of(read.rejected))
        part = cheapest.network.part(data, read)
        check_labels(part.data)
        similarity = sketches.similarity(read.keys, None)
        duplicates = find_duplicates(read.keys, similarity, part.features, targets_of(part).codes)
        families = families_of(part, similarity, duplicates, self.run.settings)
        return Items(part, undivided(part.data, duplicates, families))

    def _features(
        self, backbone_candidate: BackboneCandidate, items: Items
    ) -> NDArray[np.floating]:
        data = items.first.data
        if backbone_candidate.opened is None:
            return word_features(readable_texts(data))
        if backbone_candidate.opened is items.first.opened:
            return items.first.features
        progress = self.run.steps(f"{backbone_candidate.name} on {len(data)} items")
        read = read_once(data, backbone_candidate.opened.request, max_bad=0.0, progress=progress)
        return backbone_candidate.opened.part(data, read).features

    @contextmanager
    def clock(self, what: str) -> Iterator[None]:
        """Adds to the seconds of one kind of work."""
        begun = time.monotonic()
        yield
        self.seconds[what] = self.seconds.get(what, 0.0) + time.monotonic() - begun


def _check_takes(backbone_candidate: BackboneCandidate, data: Dataset) -> None:
    if backbone_candidate.opened is not None:
        check_takes(backbone_candidate.opened.backbone, data)
    elif backbone_candidate.name not in LISTS[data.kind.name]["all"]:
        raise BackboneError(
            f"{backbone_candidate.name} takes texts, but the items are {data.kind.name}s.",
            remedy="Leave it out.",
            code="other_kind",
        )
