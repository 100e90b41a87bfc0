"""Thresholds that miss at most a share of the labels of an item."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from topwork.calibration.missed_share import MissCurve
from topwork.metrics.intervals import Units, mean_interval
from topwork.metrics.records import Record, Score
from topwork.tasks.labels.thresholds import log_odds

Float64 = NDArray[np.float64]


class LabelMiss(Record):
    """By how much all thresholds move so that few labels are missed.

    Parameters
    ----------
    target
        Share of an item's labels that may be missed, on average.
    shift
        What the log odds of every threshold increase by, 0 or less; None where the share can't be
        promised. In both cases of 0 and None thresholds are those of the largest F1.
    expected
        Mean share missed of the items that it was found on, with its 95 % interval; None without a
        shift.
    n_items
        Those that have any label.
    needed
        Items that would be enough; None where more of them wouldn't help.
    """

    target: float
    shift: float | None
    expected: Score | None
    n_items: int
    needed: int | None

    @property
    def sentence(self) -> str:
        """What is promised, for people."""
        share = f"{100 * self.target:g} %"
        if self.shift is not None and self.expected is not None:
            return (
                f"At these thresholds an item like these misses at most {share} of its labels on "
                f"average ({100 * self.expected.value:.1f} % of the {self.n_items} items with "
                "labels)."
            )
        needed = "" if self.needed is None else f"; about {self.needed} are needed"
        return (
            f"Missing at most {share} of the labels cannot be promised from {self.n_items} items "
            f"with labels{needed}: the thresholds are those of the largest F1."
        )


def fit_miss(
    margins: Float64,
    presence: NDArray[np.int8],
    miss: float,
    *,
    groups: NDArray[np.integer] | None = None,
) -> LabelMiss:
    """The largest shift at which a new item misses at most that share of its labels on average.

    It is 0 where the thresholds keep the promise as they are: larger ones would only miss more.
    By conformal risk control; see `topwork.calibration.missed_share.MissCurve.highest`. Items
    without labels miss none and say nothing.

    Parameters
    ----------
    margins
        Held-out log odds of each label less those of its threshold, (n, L).
    presence
        (n, L): 1, 0, or -1 where it is unknown.
    miss
        α, above 0 and below 1.
    groups
        Group of each item, (n,).

    Raises
    ------
    topwork.errors.ParameterError
        The share is not between 0 and 1.
    topwork.errors.DataError
        No item has a label.

    Examples
    --------
    >>> margins = np.linspace(-1, 1, 40)[:, None]
    >>> fit_miss(margins, np.ones((40, 1), np.int8), 0.1).shift < -0.8
    True
    >>> fit_miss(margins[:5], np.ones((5, 1), np.int8), 0.1).sentence[:52]
    'Missing at most 10 % of the labels cannot be promise'
    """
    items, labels = np.nonzero(presence == 1)
    units = Units.of(len(presence), groups)
    curve = MissCurve.of(margins[items, labels], items.astype(np.intp), units, what="label")
    highest = curve.highest(miss)
    shift = None if highest is None else min(highest, 0.0)
    return LabelMiss(
        target=miss,
        shift=shift,
        expected=None if shift is None else _missed(margins >= shift, presence, curve),
        n_items=len(curve.items),
        needed=curve.needed(miss) if shift is None else None,
    )


def _missed(given: NDArray[np.bool_], presence: NDArray[np.int8], curve: MissCurve) -> Score:
    shares = missed_shares(given, presence)[curve.items]
    low, high = mean_interval(shares, curve.units)
    return Score(value=float(shares.mean()), low=low, high=min(high, 1.0))


def missed_shares(given: NDArray[np.bool_], presence: NDArray[np.int8]) -> Float64:
    """Share of each item's labels that is not predicted, (n,); 0 for items without labels.

    Examples
    --------
    >>> missed_shares(np.array([[True, False]]), np.ones((1, 2), np.int8)).tolist()
    [0.5]
    """
    has = presence == 1
    return np.asarray((has & ~given).sum(axis=1) / np.maximum(has.sum(axis=1), 1))


def margins_of(probabilities: NDArray[np.floating], thresholds: NDArray[np.floating]) -> Float64:
    """Log odds of probabilities less those of thresholds, of any shape.

    Examples
    --------
    >>> margins_of(np.array([0.5]), np.array([0.5])).tolist()
    [0.0]
    """
    return np.asarray(log_odds(probabilities) - log_odds(thresholds))
