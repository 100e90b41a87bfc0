"""Confident learning: which labels are probably wrong."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.errors import ParameterError


@dataclass(frozen=True, eq=False)
class LabelDoubts:
    """How far n labels can be believed.

    Parameters
    ----------
    quality
        float64 (n,): the probability of the given class, the lower the more doubtful. NaN where it
        can't be judged.
    suggested
        int64 (n,): the class that is most probable instead, or the given one.
    doubtful
        (n,): labels to look at.
    """

    quality: NDArray[np.float64]
    suggested: NDArray[np.int64]
    doubtful: NDArray[np.bool_]

    def ranked(self) -> NDArray[np.intp]:
        """Positions of the doubtful labels, the most doubtful first."""
        where = np.flatnonzero(self.doubtful)
        return where[np.argsort(self.quality[where], kind="stable")]


def doubt_labels(
    probabilities: NDArray[np.floating],
    codes: NDArray[np.integer],
    *,
    judged: NDArray[np.bool_] | None = None,
) -> LabelDoubts:
    """Find labels that a classifier which has not seen them is confident to be wrong.

    The threshold of class j is the mean probability of j among the items labelled j. A label is
    doubtful if the probability of another class reaches that class's threshold, and is the largest
    to do so, its own among them (the off-diagonal of the confident joint: Northcutt, Jiang and
    Chuang 2021, "Confident learning", equations 1 and 2; their ``confident_learning`` filter).
    Labels are ranked by the probability of the given class, which finds flipped labels a little
    better than the margin to the best other class.

    Parameters
    ----------
    probabilities
        (n, k), out of fold: of each item by a model that was fitted without it.
    codes
        (n,): the given class of each, from 0 to k - 1.
    judged
        (n,): False where the probability means nothing, because the model saw no item of the
        class.

    Raises
    ------
    ParameterError
        The shapes do not agree.

    Examples
    --------
    >>> p = np.array([[0.9, 0.1], [0.8, 0.2], [0.2, 0.8], [0.1, 0.9], [0.95, 0.05]])
    >>> found = doubt_labels(p, np.array([0, 0, 1, 1, 1]))
    >>> found.ranked().tolist(), found.suggested[4].item()
    ([4], 0)
    """
    _check(probabilities, codes, judged)
    known = np.ones(len(codes), np.bool_) if judged is None else judged
    P = probabilities.astype(np.float64)
    quality = np.where(known, P[np.arange(len(codes)), codes], np.nan)
    thresholds = class_thresholds(P[known], codes[known])
    confident = np.where(thresholds <= P, P, -1.0)
    suggested = np.where(confident.max(axis=1) >= 0, confident.argmax(axis=1), codes)
    doubtful = known & (suggested != codes)
    return LabelDoubts(quality, np.where(doubtful, suggested, codes).astype(np.int64), doubtful)


def class_thresholds(
    probabilities: NDArray[np.float64], codes: NDArray[np.integer]
) -> NDArray[np.float64]:
    """The mean probability of each class among the items labelled so (k,); infinite without any.

    Examples
    --------
    >>> class_thresholds(np.array([[0.8, 0.2], [0.6, 0.4]]), np.array([0, 0]))
    array([0.7, inf])
    """
    k = probabilities.shape[1]
    counts = np.bincount(codes, minlength=k)
    sums = np.bincount(codes, weights=probabilities[np.arange(len(codes)), codes], minlength=k)
    means: NDArray[np.float64] = np.full(k, np.inf)
    return np.divide(sums, counts, out=means, where=counts > 0)


def _check(
    probabilities: NDArray[np.floating],
    codes: NDArray[np.integer],
    judged: NDArray[np.bool_] | None,
) -> None:
    n = len(codes)
    if (
        probabilities.ndim != 2
        or len(probabilities) != n
        or (judged is not None and len(judged) != n)
    ):
        raise ParameterError(
            f"probabilities has shape {probabilities.shape}, codes {codes.shape}.",
            remedy="Give one row of probabilities, one code and one flag for each item.",
        )
