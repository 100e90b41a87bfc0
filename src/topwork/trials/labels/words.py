"""The baseline for labels of texts: logistic regressions on which words they hold (TF-IDF)."""

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
from topwork.tasks.labels.nested import nested_labels
from topwork.trials.labels.candidates import LabelCandidate, LabelModelParts
from topwork.trials.word_features import Words, readable_texts, words_in
from topwork.trials.word_rows import WORDS, WordBasis, WordRows, word_network


@dataclass(frozen=True, eq=False)
class LabelWordCandidate(LabelCandidate):
    """Logistic regressions on words, which become a network when they are selected."""

    words: Words | None = None
    settings: FitSettings | None = None

    @property
    def backbone(self) -> str:
        """It brings a network of its own."""
        return TFIDF

    def finished(self) -> LabelModelParts:
        """The model on all texts: a table of what each word adds to the log odds of each label."""
        assert self.nested is not None
        assert self.words is not None
        assert self.settings is not None
        made, n_texts = super().finished(), len(self.targets)
        basis = WordBasis.of(self.words, np.arange(n_texts), self.settings.seed)
        table = basis.axes @ made.head.weight
        frozen = word_network(self.words, basis.words, table, self.frozen, self.settings)
        unit = np.eye(table.shape[1], dtype=np.float32)
        return LabelModelParts(
            frozen, LinearHead(unit, made.head.bias, normalise=False), made.rules
        )


def word_candidate(
    frozen: FrozenPart,
    folds: NDArray[np.integer],
    settings: FitSettings,
    *,
    progress: Progress,
) -> LabelWordCandidate:
    """Words, their weights, the penalty and the rules are learnt anew for every fold."""
    begun = time.monotonic()
    words = words_in(readable_texts(frozen.data))
    presence = frozen.data.several.presence
    nested = nested_labels(WordRows(words, settings.seed), presence, folds, progress=progress)
    return LabelWordCandidate(
        WORDS,
        frozen,
        nested.probabilities,
        nested.thresholds,
        nested,
        time.monotonic() - begun,
        words=words,
        settings=settings,
    )
