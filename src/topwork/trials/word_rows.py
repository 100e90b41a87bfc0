"""Texts by their words, for heads that learn from part of them, and the network they become."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.backbones import token_input
from topwork.backbones.sources.tfidf import words_backbone
from topwork.data import MAX_GRAMS, Vocabulary
from topwork.features.opened_backbone import FrozenPart, open_network
from topwork.heads.leading_axes import leading_axes
from topwork.heads.tfidf import Sparse, WordWeights
from topwork.settings import FitSettings
from topwork.trials.word_features import Words

WORDS = "TF-IDF of the words"

MAX_EXACT = 2000
"""Texts to learn from up to which all that tells them apart is used; of more, leading axes."""

_AXES = 500
_NEGLIGIBLE = 1e-6


@dataclass(frozen=True, eq=False)
class WordBasis:
    """Weighted words, turned so that few columns hold all that tells the texts apart."""

    words: WordWeights
    axes: NDArray[np.float32]

    @classmethod
    def of(cls, words: Words, rows: NDArray[np.intp], seed: int) -> WordBasis:
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
        return WordBasis.of(self.words, rows, self.seed).coordinates(self.words.presence)


def word_network(
    words: Words,
    kept: WordWeights,
    table: NDArray[np.float32],
    frozen: FrozenPart,
    settings: FitSettings,
) -> FrozenPart:
    """The network that a table (w, k) of what each kept word adds to k outputs is."""
    vocabulary = Vocabulary([words.grams[i] for i in kept.columns])
    backbone = words_backbone(
        token_input(vocabulary.written(), max_length=MAX_GRAMS, vocabulary=len(vocabulary) + 1),
        table=np.pad(table * kept.idf[:, None], ((1, 0), (0, 0))).astype(np.float32),
        weights=np.pad(np.square(kept.idf), (1, 0)),
    )
    opened = open_network(backbone, settings, keep=False)
    features = np.asarray(kept.rows(words.presence) @ table, np.float32)
    return FrozenPart(frozen.data, features, frozen.extraction, opened)
