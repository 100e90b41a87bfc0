"""Logistic regression on words that weigh the more the rarer they are (TF-IDF)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from topwork.heads.axes import PrincipalAxes
from topwork.heads.logistic import LogisticPath, LogisticProblem
from topwork.heads.penalty import DEFAULT_C, choose_penalty
from topwork.settings.choices import ClassWeight

MAX_WORDS = 50_000
"""Words and pairs that are kept, the most frequent ones; of many classes fewer."""

_MAX_WEIGHTS = 8_000_000

Sparse: TypeAlias = Any
"""A ``scipy.sparse.csr_matrix``."""


@dataclass(frozen=True, eq=False)
class WordWeights:
    """Which words are kept, and what each of them weighs.

    Parameters
    ----------
    columns
        Of the words, ``(v,)``.
    idf
        ``(v,)``: ln((1 + n) / (1 + texts with the word)) + 1 (Salton and Buckley 1988,
        Term-weighting approaches in automatic text retrieval, with the texts counted smoothly).
    """

    columns: NDArray[np.intp]
    idf: NDArray[np.float32]

    @classmethod
    def of(
        cls, presence: Sparse, fewest: NDArray[np.integer], *, most: int = MAX_WORDS
    ) -> WordWeights:
        """From the texts to learn from, and from no other.

        Parameters
        ----------
        presence
            Ones and zeros ``(n, w)``.
        fewest
            In how many of these texts a word must be, ``(w,)``.
        most
            How many are kept.
        """
        texts = np.bincount(presence.indices, minlength=presence.shape[1])
        frequent = np.argsort(-texts, kind="stable")
        columns = np.sort(frequent[texts[frequent] >= fewest[frequent]][:most])
        idf = np.log((1 + presence.shape[0]) / (1 + texts[columns])) + 1
        return cls(columns, idf.astype(np.float32))

    def rows(self, presence: Sparse) -> Sparse:
        """Weighted words of texts ``(m, w)``, each text scaled to length 1: ``(m, v)``."""
        from scipy import sparse

        kept = presence[:, self.columns]
        length = np.sqrt(np.maximum(kept @ np.square(self.idf), 1e-12))
        scaled = sparse.diags_array(1 / length) @ kept @ sparse.diags_array(self.idf)
        return scaled.tocsr().astype(np.float32)


@dataclass(frozen=True, eq=False)
class WordHead:
    """A logistic head on weighted words.

    Parameters
    ----------
    weight, bias
        ``(v, k)`` and ``(k,)``.
    C
        Its penalty.
    """

    words: WordWeights
    weight: NDArray[np.float32]
    bias: NDArray[np.float32]
    C: float

    def logits(self, presence: Sparse) -> NDArray[np.float32]:
        """Of texts ``(m, w)``: ``(m, k)``."""
        found: NDArray[np.float32] = self.words.rows(presence) @ self.weight + self.bias
        return found


def fit_words(
    presence: Sparse,
    codes: NDArray[np.integer],
    n_classes: int,
    *,
    fewest: NDArray[np.integer],
    C: float | None = None,
    folds: NDArray[np.integer] | None = None,
    class_weight: ClassWeight = None,
) -> WordHead:
    """Weigh the words and fit the head, on these texts and no others.

    Parameters
    ----------
    presence
        Whether each word is in each text, ones and zeros ``(n, w)``.
    codes
        Class of each text, ``(n,)``, from 0 to k - 1.
    fewest
        In how many of the texts a word must be, ``(w,)``.
    C
        The penalty; chosen by the folds, or the usual one without folds, where it isn't given.
    folds
        Fold of each text, ``(n,)``.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> presence = csr_array(np.float32([[1, 0, 1], [1, 0, 1], [0, 1, 1], [0, 1, 1]]))
    >>> head = fit_words(presence, np.array([0, 0, 1, 1]), 2, fewest=np.ones(3, int))
    >>> head.logits(presence).argmax(axis=1).tolist()
    [0, 0, 1, 1]
    """
    most = min(MAX_WORDS, _MAX_WEIGHTS // n_classes)
    words = WordWeights.of(presence, fewest, most=most)
    problem = _problem(words.rows(presence), codes, n_classes, class_weight)
    if C is None:
        C = DEFAULT_C if folds is None else choose_penalty(problem, folds)
    weight, bias = problem.axes.linear(LogisticPath(problem).reach(C))
    return WordHead(words, weight, bias, C)


def _problem(
    rows: Sparse, codes: NDArray[np.integer], n_classes: int, class_weight: ClassWeight
) -> LogisticProblem:
    """The words as they are: turning them to their axes would leave no zeros."""
    from scipy import sparse

    n, v = rows.shape
    mean = np.asarray(rows.sum(axis=0), np.float64).ravel() / n
    squares = np.asarray(rows.multiply(rows).sum(axis=0), np.float64).ravel() / n
    axes = PrincipalAxes(np.zeros(v, np.float32), None, np.maximum(squares - mean**2, 0))
    design = sparse.hstack([rows, np.ones((n, 1), np.float32)], format="csr")
    return LogisticProblem(axes, design, codes, n_classes, class_weight)
