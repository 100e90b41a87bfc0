"""The baseline for texts: which words they hold, weighted by how rare those are."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.backbones import token_input
from topwork.backbones.sources.tfidf import TFIDF, words_backbone
from topwork.data import MAX_GRAMS, Vocabulary
from topwork.features.opened_backbone import FrozenPart, open_network
from topwork.heads import LinearHead, softmax
from topwork.heads.leading_axes import leading_axes
from topwork.heads.tfidf import Sparse, WordHead
from topwork.runtime.run_context import RunContext
from topwork.settings import FitSettings
from topwork.trials.trial import (
    LARGEST_SEARCH,
    MAJORITY,
    Candidate,
    Trial,
    judged,
    targets_of,
)
from topwork.trials.word_features import Words, readable_texts, words_in
from topwork.validation import JudgedHead
from topwork.validation.crossval import seen_elsewhere
from topwork.validation.nested_words import NestedWords, nested_words

WORDS = Candidate("TF-IDF of the words", TFIDF)

TOPICS = 64
"""Directions in which texts differ most, beside the classes: what unknown texts are told by."""

_DENSE = 512


def words_trials(
    frozen: FrozenPart, folds: NDArray[np.integer], context: RunContext[FitSettings]
) -> list[Trial]:
    """The majority class, and words under a logistic head, on the same texts and folds ``(r, n)``.

    Words, their weights and the penalty are learnt anew for every fold.
    """
    begun = time.monotonic()
    settings, progress = context.settings, context.steps("Baselines")
    targets = targets_of(frozen)
    codes, k = targets.codes, len(targets.labels)
    words = words_in(readable_texts(frozen.data))
    nested = [
        nested_words(
            words.presence,
            codes,
            k,
            fewest=words.fewest,
            folds=division,
            class_weight=settings.class_weight,
            search=len(codes) * k <= LARGEST_SEARCH,
            progress=lambda done, of, i=i: progress(i * of + done, len(folds) * of),
        )
        for i, division in enumerate(folds)
    ]
    part, linear, by_fold = _network(words, nested[0], folds[0], frozen, settings)
    heads = tuple(
        _judged(one, linear, codes, division) for one, division in zip(nested, folds, strict=True)
    )
    seconds = time.monotonic() - begun
    majority = judged(Candidate(MAJORITY.name, TFIDF, "majority"), part, folds, settings)
    return [
        Trial(majority.candidate, part, majority.heads, majority.seconds, features_by_fold=by_fold),
        Trial(WORDS, part, heads, seconds, features_by_fold=by_fold),
    ]


@dataclass(frozen=True, eq=False)
class _Summing:
    """What each kept word adds to the features of a text: ``(v, k + TOPICS)``."""

    head: WordHead
    table: NDArray[np.float32]
    scale: np.float32

    @classmethod
    def of(cls, head: WordHead, rows: Sparse, seed: int) -> _Summing:
        """The classes' logits, scaled to be about as long as the topics beside them."""
        topics = _topics(rows, seed)
        logits = rows @ head.weight
        lengths = [float(np.sqrt(np.mean(np.square(x)) * x.shape[1])) for x in (logits, topics[1])]
        scale = np.float32(max(lengths[0], 1e-6) / max(lengths[1], 1e-6))
        return cls(head, np.hstack([head.weight / scale, topics[0]]), scale)

    def features(self, presence: Sparse) -> NDArray[np.float32]:
        found: NDArray[np.float32] = self.head.words.rows(presence) @ self.table
        return found

    def linear(self) -> LinearHead:
        """The head on these features: the logits are among them already."""
        k = len(self.head.bias)
        weight = np.zeros((self.table.shape[1], k), np.float32)
        weight[:k] = self.scale * np.eye(k, dtype=np.float32)
        return LinearHead(weight, self.head.bias, normalise=False)


def _topics(rows: Sparse, seed: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Axes ``(v, TOPICS)``, with zeros where there aren't as many, and the rows along them.

    Latent semantic analysis (Deerwester et al. 1990).
    """
    axes = np.zeros((rows.shape[1], TOPICS), np.float32)
    if rows.shape[1]:
        given = rows.toarray() if min(rows.shape) <= _DENSE else rows
        found = leading_axes(given, TOPICS, seed=seed)[0]
        axes[:, : found.shape[1]] = found
    return axes, rows @ axes


def _network(
    words: Words,
    nested: NestedWords,
    folds: NDArray[np.integer],
    frozen: FrozenPart,
    settings: FitSettings,
) -> tuple[FrozenPart, LinearHead, Mapping[int, NDArray[np.float32]]]:
    """The fit on all texts as a network, its head, and the features by the fits of the folds."""
    presence, seed = words.presence, settings.seed
    whole = _Summing.of(nested.whole, nested.whole.words.rows(presence), seed)
    kept = nested.whole.words
    vocabulary = Vocabulary([words.grams[i] for i in kept.columns])
    backbone = words_backbone(
        token_input(vocabulary.written(), max_length=MAX_GRAMS, vocabulary=len(vocabulary) + 1),
        table=np.pad(whole.table * kept.idf[:, None], ((1, 0), (0, 0))),
        weights=np.pad(np.square(kept.idf), (1, 0)),
    )
    opened = open_network(backbone, settings, keep=False)
    part = FrozenPart(frozen.data, whole.features(presence), frozen.extraction, opened)
    return part, whole.linear(), _ByFold(presence, folds, nested.of_fold, seed)


class _ByFold(Mapping[int, NDArray[np.float32]]):
    """Features ``(n, k + TOPICS)`` by the fit without each fold; made when they are asked for."""

    def __init__(
        self,
        presence: Sparse,
        folds: NDArray[np.integer],
        heads: Mapping[int, WordHead],
        seed: int,
    ) -> None:
        self._presence, self._folds, self._heads, self._seed = presence, folds, heads, seed

    def __getitem__(self, fold: int) -> NDArray[np.float32]:
        head = self._heads[fold]
        others = head.words.rows(self._presence[np.flatnonzero(self._folds != fold)])
        return _Summing.of(head, others, self._seed).features(self._presence)

    def __iter__(self) -> Iterator[int]:
        return iter(self._heads)

    def __len__(self) -> int:
        return len(self._heads)


def _judged(
    nested: NestedWords,
    linear: LinearHead,
    codes: NDArray[np.int64],
    folds: NDArray[np.integer],
) -> JudgedHead:
    return JudgedHead(
        head="logistic",
        linear=linear,
        logits_oof=nested.logits,
        probabilities_oof=softmax(nested.logits),
        seen=seen_elsewhere(codes, len(nested.whole.bias), folds),
        C=nested.whole.C,
        C_of_fold=tuple(head.C for head in nested.of_fold.values()),
        seconds=0.0,
    )
