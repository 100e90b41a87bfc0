"""Which classes are taken for which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from topwork.errors import ParameterError
from topwork.metrics.records import Record

HEATMAP_CLASSES: Final = 25
"""Up to so many classes the whole matrix is kept."""

TOP_PAIRS: Final = 50


class ConfusedPair(Record):
    """``n`` of the ``of`` items labelled ``truth`` are taken for ``predicted``."""

    truth: str
    predicted: str
    n: int
    of: int


class Confusions(Record):
    """The most confused pairs, and the whole matrix where the classes are few.

    Attributes
    ----------
    counts
        ``(k, k)``: a row for each true class, a column for each predicted one; empty where the
        classes are many.
    """

    labels: tuple[str, ...] = ()
    counts: tuple[tuple[int, ...], ...] = ()
    pairs: tuple[ConfusedPair, ...] = ()


def confusions_of(labels: Sequence[str], counts: NDArray[np.integer]) -> Confusions:
    """The confusions in a matrix ``(k, k)`` of true by predicted class.

    Raises
    ------
    ParameterError
        The matrix does not have a row and a column for each label.

    Examples
    --------
    >>> confusions_of(["cat", "dog"], np.array([[8, 2], [0, 5]])).pairs[0].n
    2
    """
    k = len(labels)
    if counts.shape != (k, k):
        raise ParameterError(
            f"counts has shape {counts.shape}, where {k} labels need ({k}, {k}).",
            remedy="Give a square matrix with a row and a column for each label.",
        )
    few = k <= HEATMAP_CLASSES
    return Confusions(
        labels=tuple(labels) if few else (),
        counts=tuple(tuple(int(n) for n in row) for row in counts) if few else (),
        pairs=_pairs(labels, counts),
    )


def _pairs(labels: Sequence[str], counts: NDArray[np.integer]) -> tuple[ConfusedPair, ...]:
    wrong = counts.copy()
    np.fill_diagonal(wrong, 0)
    totals = counts.sum(axis=1)
    order = np.argsort(-wrong, axis=None, kind="stable")[:TOP_PAIRS]
    rows, columns = np.unravel_index(order, wrong.shape)
    return tuple(
        ConfusedPair(truth=labels[r], predicted=labels[c], n=int(wrong[r, c]), of=int(totals[r]))
        for r, c in zip(rows, columns, strict=True)
        if wrong[r, c]
    )
