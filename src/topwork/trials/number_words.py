"""The baseline for numbers of texts: a ridge on which words they hold (TF-IDF)."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.backbones.sources.tfidf import TFIDF
from topwork.features.opened_backbone import FrozenPart
from topwork.heads import LinearHead
from topwork.runtime.progress import Progress
from topwork.settings import FitSettings
from topwork.tasks.number.nested import nested_numbers
from topwork.trials.number_candidates import NumberCandidate, NumberModelParts
from topwork.trials.word_features import Words, readable_texts, words_in
from topwork.trials.word_rows import WORDS, WordBasis, WordRows, word_network


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
        basis = WordBasis.of(self.words, np.arange(len(self.numbers)), self.settings.seed)
        table = basis.axes @ made.head.weight
        frozen = word_network(self.words, basis.words, table, self.frozen, self.settings)
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
