"""The baseline for numbers of texts: a ridge on which words they hold (TF-IDF)."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.backbones import token_input
from topwork.backbones.sources.tfidf import TFIDF, words_backbone
from topwork.data import MAX_GRAMS, Vocabulary
from topwork.features.opened_backbone import FrozenPart, open_network
from topwork.heads import LinearHead
from topwork.heads.leading_axes import leading_axes
from topwork.heads.tfidf import Sparse, WordWeights
from topwork.runtime.progress import Progress
from topwork.settings import FitSettings
from topwork.tasks.number.nested import nested_numbers
from topwork.trials.number_candidates import NumberCandidate, NumberModelParts
from topwork.trials.word_features import Words, readable_texts, words_in

WORDS = "TF-IDF of the words"

MAX_EXACT = 2000
"""Texts to learn from up to which all that tells them apart is used; of more, leading axes."""

_AXES = 500
_NEGLIGIBLE = 1e-6


@dataclass(frozen=True, eq=False)
class _Basis:
    """Weighted words, turned so that few columns hold all that tells the texts apart."""

    words: WordWeights
    axes: NDArray[np.float32]

    @classmethod
    def of(cls, words: Words, rows: NDArray[np.intp], seed: int) -> _Basis:
        weights = WordWeights.of(words.presence[rows], words.fewest)
        own = weights.rows(words.presence[rows])
        if len(rows) > MAX_EXACT:
            return cls(weights, leading_axes(own, _AXES, seed=seed)[0])
        gram = np.asarray((own @ own.T).toarray(), np.float64)
        values, vectors = np.linalg.eigh(gram)
        kept = values > _NEGLIGIBLE * max(float(values[-1]), 1e-12)
        scaled = (vectors[:, kept] / np.sqrt(values[kept])).astype(np.float32)
        return cls(weights, np.asarray(own.T @ scaled))

    def coordinates(self, presence: Sparse) -> NDArray[np.float32]:
        found: NDArray[np.float32] = self.words.rows(presence) @ self.axes
        return found


@dataclass(frozen=True, eq=False)
class WordRows:
    """Texts by their words; which are kept and what they weigh is learnt from some of them."""

    words: Words
    seed: int

    standardised = False

    def __len__(self) -> int:
        return int(self.words.presence.shape[0])

    def learnt_on(self, rows: NDArray[np.intp]) -> NDArray[np.float32]:
        """Of all n texts, ``(n, r)``."""
        return _Basis.of(self.words, rows, self.seed).coordinates(self.words.presence)


@dataclass(frozen=True, eq=False)
class WordCandidate(NumberCandidate):
    """The ridge on words, which becomes a network when it is selected."""

    words: Words | None = None
    settings: FitSettings | None = None

    @property
    def backbone(self) -> str:
        """It brings a network of its own."""
        return TFIDF

    def finished(
        self, *, error_rate: float, groups: NDArray[np.integer] | None = None
    ) -> NumberModelParts:
        """The model on all texts: a table of what each word adds to the two outputs."""
        made = super().finished(error_rate=error_rate, groups=groups)
        assert self.words is not None
        assert self.settings is not None
        basis = _Basis.of(self.words, np.arange(len(self.numbers)), self.settings.seed)
        table = basis.axes @ made.head.weight
        frozen = _network(self.words, basis.words, table, self.frozen, self.settings)
        head = LinearHead(np.eye(2, dtype=np.float32), made.head.bias, normalise=False)
        return NumberModelParts(frozen, head, made.transform, made.intervals)

    def _width(self) -> int:
        assert self.nested is not None
        return len(self.nested.whole.column.weight)


def word_candidate(
    frozen: FrozenPart,
    folds: NDArray[np.integer],
    settings: FitSettings,
    *,
    groups: NDArray[np.integer] | None,
    progress: Progress,
) -> WordCandidate:
    """Words, their weights, the penalty and the transform are learnt anew for every fold."""
    begun = time.monotonic()
    words = words_in(readable_texts(frozen.data))
    nested = nested_numbers(
        WordRows(words, settings.seed),
        frozen.data.numbers,
        folds,
        groups=groups,
        progress=progress,
    )
    seconds = time.monotonic() - begun
    return WordCandidate(
        WORDS, frozen, nested.predicted, nested, seconds, words=words, settings=settings
    )


def _network(
    words: Words,
    kept: WordWeights,
    table: NDArray[np.float32],
    frozen: FrozenPart,
    settings: FitSettings,
) -> FrozenPart:
    vocabulary = Vocabulary([words.grams[i] for i in kept.columns])
    backbone = words_backbone(
        token_input(vocabulary.written(), max_length=MAX_GRAMS, vocabulary=len(vocabulary) + 1),
        table=np.pad(table * kept.idf[:, None], ((1, 0), (0, 0))).astype(np.float32),
        weights=np.pad(np.square(kept.idf), (1, 0)),
    )
    opened = open_network(backbone, settings, keep=False)
    features = np.asarray(kept.rows(words.presence) @ table, np.float32)
    return FrozenPart(frozen.data, features, frozen.extraction, opened)
