"""Nested cross-validation of the head on words, words and weights learnt anew for every fold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from topwork.heads.tfidf import Sparse, WordHead, fit_words
from topwork.runtime.executor import run_large_tasks
from topwork.runtime.progress import Progress, silent
from topwork.settings.choices import ClassWeight


@dataclass(frozen=True, eq=False)
class NestedWords:
    """Held-out logits of every text, and the fits.

    Parameters
    ----------
    logits
        (n, k), of the head whose words, weights and penalty did not see the text's fold.
    whole
        The fit on all texts.
    of_fold
        For each fold the fit on the others.
    """

    logits: NDArray[np.float32]
    whole: WordHead
    of_fold: Mapping[int, WordHead]


def nested_words(
    presence: Sparse,
    codes: NDArray[np.integer],
    n_classes: int,
    *,
    fewest: NDArray[np.integer],
    folds: NDArray[np.integer],
    class_weight: ClassWeight = None,
    search: bool = True,
    progress: Progress = silent,
) -> NestedWords:
    """Judge the head on every fold and fit it on all texts.

    A fold's penalty is chosen by the other folds alone; the fit on all takes their median.

    Parameters
    ----------
    presence
        Whether each word is in each text, ones and zeros, sparse (n, w).
    codes
        Class of each text, (n,).
    fewest
        In how many of the texts to learn from a word must be, (w,).
    folds
        Fold of each text, (n,).
    search
        Whether the penalty is chosen at all.
    """
    names = [int(fold) for fold in np.unique(folds)]
    fit = partial(fit_words, n_classes=n_classes, fewest=fewest, class_weight=class_weight)
    parts = [np.flatnonzero(folds != fold) for fold in names]
    inner = [folds[rows] if search and len(names) > 2 else None for rows in parts]
    heads = run_large_tasks(
        partial(_fit, fit, presence, codes),
        zip(parts, inner, strict=True),
        lambda done, total: progress(done, total + 1),
    )
    of_fold = dict(zip(names, heads, strict=True))
    logits = np.empty((len(codes), n_classes), np.float32)
    for fold, head in of_fold.items():
        logits[folds == fold] = head.logits(presence[folds == fold])
    C = float(np.median([head.C for head in of_fold.values()]))
    whole = fit(presence, codes, C=C)
    progress(len(names) + 1, len(names) + 1)
    return NestedWords(logits, whole, of_fold)


def _fit(
    fit: Callable[..., WordHead],
    presence: Sparse,
    codes: NDArray[np.integer],
    task: tuple[NDArray[np.intp], NDArray[np.integer] | None],
    *,
    progress: Progress = silent,
) -> WordHead:
    """The head on some rows, its penalty by their inner folds."""
    rows, folds = task
    head = fit(presence[rows], codes[rows], folds=folds)
    progress(1, 1)
    return head
