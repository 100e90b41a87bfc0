"""Free-response ROC: the share of objects found against false detections per image."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.metrics.detection.matching import Matches

Float64 = NDArray[np.float64]
#: Weighted detections that are summed at once.
_CHUNK = 4_000_000
_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Froc:
    """Detections of all classes and images by descending score, at one least overlap.

    Parameters
    ----------
    image
        Image of each, (m,).
    right, false
        Whether it is right, whether it is false, (m,); neither where it is ignored.
    scores
        (m,).
    objects
        Objects that count in each image, (n,).
    """

    image: NDArray[np.int64]
    right: NDArray[np.bool_]
    false: NDArray[np.bool_]
    scores: Float64
    objects: NDArray[np.int64]

    @classmethod
    def of(cls, matches: Matches, *, at: int = 0) -> Froc:
        """Of the least overlap at position ``at``."""
        order = np.argsort(-matches.flat.scores, kind="stable")
        right, ignored = matches.right[at][order], matches.ignored[at][order]
        return cls(
            image=matches.flat.found.image[order],
            right=right,
            false=~right & ~ignored,
            scores=matches.flat.scores[order],
            objects=matches.objects().sum(axis=1),
        )

    @property
    def ends(self) -> NDArray[np.intp]:
        """The last detection of each score: a threshold can't divide equal scores."""
        return np.flatnonzero(np.r_[self.scores[1:] != self.scores[:-1], True][: len(self.scores)])

    def first(self, count: int) -> Froc:
        """The most confident detections alone, at least so many, equal scores undivided."""
        ends = self.ends
        place = int(np.searchsorted(ends, count - 1))
        m = int(ends[place]) + 1 if place < len(ends) else len(self.scores)
        return replace(
            self,
            image=self.image[:m],
            right=self.right[:m],
            false=self.false[:m],
            scores=self.scores[:m],
        )


def recall_at_rates(
    froc: Froc, rates: ArrayLike, weights: NDArray[np.floating] | None = None
) -> Float64:
    """Largest share of objects found with at most so many false detections per image, (b, r).

    Parameters
    ----------
    froc
        Detections of n images.
    rates
        False detections per image, (r,).
    weights
        How often each image occurs, (b, n); once by default.

    References
    ----------
    Chakraborty 1989, Maximum likelihood analysis of free-response receiver operating
    characteristic (FROC) data.

    Examples
    --------
    >>> froc = Froc(
    ...     image=np.array([0, 1, 1, 0]),
    ...     right=np.array([True, False, True, False]),
    ...     false=np.array([False, True, False, True]),
    ...     scores=np.array([0.9, 0.8, 0.7, 0.6]),
    ...     objects=np.array([1, 1]),
    ... )
    >>> recall_at_rates(froc, [0.1, 0.5]).tolist()
    [[0.5, 1.0]]
    """
    w = _weights(froc, weights)
    allowed = w.sum(axis=1)[:, None] * np.asarray(rates, np.float64) * (1 + _ROUNDING)
    found = np.empty(allowed.shape)
    for rows, hits, false in _sums(froc, w):
        place = (false[:, None, :] <= allowed[rows, :, None]).sum(axis=2) - 1
        found[rows] = np.take_along_axis(hits, place, axis=1)
    total = w @ froc.objects
    return np.asarray(found / np.where(total > 0, total, 1)[:, None])


def false_at_recall(
    froc: Froc, recall: float, weights: NDArray[np.floating] | None = None
) -> Float64:
    """Fewest false detections per image with at least that share of the objects found, (b,).

    Infinite where the share is never reached.

    Examples
    --------
    >>> froc = Froc(np.array([0, 0]), np.array([False, True]), np.array([True, False]),
    ...             np.array([0.9, 0.8]), np.array([1]))
    >>> false_at_recall(froc, 0.9).tolist()
    [1.0]
    """
    w = _weights(froc, weights)
    wanted = (w @ froc.objects) * recall * (1 - _ROUNDING)
    found = np.empty(len(w))
    for rows, hits, false in _sums(froc, w):
        place = (hits < wanted[rows, None]).sum(axis=1)
        ends = np.column_stack([false, np.full(len(false), np.inf)])
        found[rows] = np.take_along_axis(ends, place[:, None], axis=1)[:, 0]
    return np.asarray(found / w.sum(axis=1))


def _weights(froc: Froc, weights: NDArray[np.floating] | None) -> Float64:
    return np.ones((1, len(froc.objects))) if weights is None else np.asarray(weights, np.float64)


def _sums(froc: Froc, w: Float64) -> Iterator[tuple[slice, Float64, Float64]]:
    """Weighted right and false detections above each threshold, (b', s), for parts of the draws.

    The first threshold is above all scores.
    """
    step = max(1, _CHUNK // max(len(froc.scores), 1))
    places = np.r_[0, froc.ends + 1]
    for begin in range(0, len(w), step):
        rows = slice(begin, min(begin + step, len(w)))
        own = w[rows][:, froc.image]
        hits, false = (_totals(own * flag)[:, places] for flag in (froc.right, froc.false))
        yield rows, hits, false


def _totals(values: Float64) -> Float64:
    """Sums of the first 0, 1, … m values of each row, (b, m + 1)."""
    return np.asarray(np.cumsum(np.column_stack([np.zeros(len(values)), values]), axis=1))
