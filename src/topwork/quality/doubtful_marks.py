"""Which of several labels are probably missing at an item, or there by mistake."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from topwork.quality.doubtful import doubt_labels

Marks = NDArray[np.bool_]


def doubtful_marks(
    probabilities: NDArray[np.floating],
    presence: NDArray[np.int8],
    *,
    judged: Marks | None = None,
) -> NDArray[np.intp]:
    """Positions ``(m, 2)`` of items and labels whose mark is in doubt, the most doubtful first.

    Each label is judged by itself as two classes, present and absent, by confident learning; see
    `doubt_labels`. That a label is rare lowers the probability from which it is believed to be
    missing, so that callers ask for more than that.

    Parameters
    ----------
    probabilities
        Of each label, ``(n, L)``, out of fold.
    presence
        ``(n, L)``: 1, 0, or -1 where it is unknown, which is never in doubt.
    judged
        ``(n, L)``: False where the probability means nothing.

    Examples
    --------
    >>> p = np.array([[0.9], [0.8], [0.1], [0.2], [0.95]])
    >>> doubtful_marks(p, np.array([[1], [1], [0], [0], [0]], np.int8)).tolist()
    [[4, 0]]
    """
    known = presence >= 0 if judged is None else (presence >= 0) & judged
    found: list[tuple[float, int, int]] = []
    for label in range(presence.shape[1]):
        rows = np.flatnonzero(known[:, label])
        if not len(rows):
            continue
        p = probabilities[rows, label].astype(np.float64)
        doubts = doubt_labels(np.stack([1 - p, p], axis=1), presence[rows, label].astype(np.int64))
        found += [(float(doubts.quality[i]), int(rows[i]), label) for i in doubts.ranked()]
    return np.array([place for _, *place in sorted(found)], np.intp).reshape(-1, 2)


def learnt_marks(presence: NDArray[np.int8], folds: NDArray[np.integer]) -> Marks:
    """Whether other folds have items with the label and without it, ``(n, L)``.

    Parameters
    ----------
    folds
        Fold of each item, ``(n,)``.

    Examples
    --------
    >>> learnt_marks(np.array([[1], [0], [0], [0]], np.int8), np.arange(4)).ravel().tolist()
    [False, True, True, True]
    """
    learnt = np.zeros(presence.shape, bool)
    for fold in np.unique(folds):
        others = presence[folds != fold]
        learnt[folds == fold] = (others == 1).any(axis=0) & (others == 0).any(axis=0)
    return learnt
