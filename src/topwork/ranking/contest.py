"""Contenders judged on parts of the items: features, groups, closed forms."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from topwork.data import Dataset
from topwork.errors import BackboneError
from topwork.features import Steps
from topwork.features.opened_backbone import FrozenPart, check_takes, read_once
from topwork.intake.families import families_of
from topwork.intake.labelled import check_labels, undivided
from topwork.metrics import Score, Scores, judge
from topwork.model import RejectedRecord
from topwork.quality import find_duplicates
from topwork.quality.sketches import sketches_of
from topwork.ranking.contender import LISTS, Contender
from topwork.runtime import cache_folder
from topwork.runtime.parallel import side_by_side
from topwork.selection.choice import Candidate
from topwork.selection.halving import Round
from topwork.selection.transferability import transferability
from topwork.settings import FitSettings
from topwork.trials.trial import targets_of
from topwork.trials.word_features import readable_texts, word_features


@dataclass(frozen=True, eq=False)
class Found:
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

    def score(self, features: NDArray[np.floating]) -> tuple[Found, NDArray[np.float64]]:
        """What features ``(n, d)`` are worth, and how close to the truth each item was held."""
        codes, labels = self.codes, [str(label) for label in targets_of(self.first).labels]
        one = transferability(features, codes, len(labels), groups=self.groups)
        judged = judge(
            codes,
            one.probabilities,
            labels,
            predicted=one.scores.argmax(axis=1),
            groups=self.groups,
            cross_validated=True,
        )
        assert judged.more is not None
        found = Found(len(codes), judged.scores, judged.more.brier, one.log_me, one.h_score)
        return found, one.closeness(codes)


@dataclass
class Contest:
    """Judges contenders on parts of the data, and remembers what it found."""

    data: Dataset
    order: NDArray[np.intp]
    contenders: dict[str, Contender]
    settings: FitSettings
    steps: Steps
    found: dict[str, Found] = field(default_factory=dict)
    rejected: tuple[RejectedRecord, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)

    def judge(self, size: int, names: Sequence[str]) -> Round:
        """Scores of the named contenders on the first ``size`` items."""
        with self.clock("features"):
            networks = (self.contenders[name] for name in names)
            items = self._items(size, next(c for c in networks if c.opened is not None))
            features = [self._features(self.contenders[name], items) for name in names]
        with self.clock("scores"):
            results = side_by_side(items.score, features)
        self.found.update((name, found) for name, (found, _) in zip(names, results, strict=True))
        scored = [
            Candidate(name, closeness) for name, (_, closeness) in zip(names, results, strict=True)
        ]
        return Round(scored, items.codes, items.groups)

    def _items(self, size: int, cheapest: Contender) -> Items:
        """Read the items for the cheapest, and find out which are the same picture."""
        data = self.data.take(np.sort(self.order[:size]))
        for contender in self.contenders.values():
            _check_takes(contender, data)
        sketches = sketches_of(data.kind.name, cache_folder() if self.settings.cache else None)
        read = read_once(
            data,
            cheapest.network.wanted,
            beside=[sketches.wanted],
            max_bad=self.settings.max_bad,
            progress=self.steps(f"{cheapest.name} on {len(data)} items"),
        )
        self.rejected = tuple(RejectedRecord.of(read.rejected))
        part = cheapest.network.part(data, read)
        check_labels(part.data)
        looks = sketches.looks(read.keys, None)
        duplicates = find_duplicates(read.keys, looks, part.features, targets_of(part).codes)
        families = families_of(part, looks, duplicates, self.settings)
        return Items(part, undivided(part.data, duplicates, families))

    def _features(self, contender: Contender, items: Items) -> NDArray[np.floating]:
        data = items.first.data
        if contender.opened is None:
            return word_features(readable_texts(data))
        if contender.opened is items.first.opened:
            return items.first.features
        progress = self.steps(f"{contender.name} on {len(data)} items")
        read = read_once(data, contender.opened.wanted, max_bad=0.0, progress=progress)
        return contender.opened.part(data, read).features

    @contextmanager
    def clock(self, what: str) -> Iterator[None]:
        """Adds to the seconds of one kind of work."""
        begun = time.monotonic()
        yield
        self.seconds[what] = self.seconds.get(what, 0.0) + time.monotonic() - begun


def _check_takes(contender: Contender, data: Dataset) -> None:
    if contender.opened is not None:
        check_takes(contender.opened.backbone, data)
    elif contender.name not in LISTS[data.kind.name]["all"]:
        raise BackboneError(
            f"{contender.name} takes texts, but the items are {data.kind.name}s.",
            remedy="Leave it out.",
            code="other_kind",
        )
