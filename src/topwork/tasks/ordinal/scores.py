"""Scores of predicted ordered classes with intervals."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.errors import DataError
from topwork.metrics.intervals import Units, mean_interval, quantile_95, share_interval
from topwork.metrics.records import Record, Score

Codes = NDArray[np.integer]


class OrdinalScores(Record):
    """The scores of a model of ordered classes.

    Parameters
    ----------
    kappa
        Cohen's kappa of predicted and true classes, errors weighted by the square of the ranks
        between them; None where neither varies.
    mean_rank_error
        Mean number of ranks between the predicted and the true class.
    accuracy
        Share of items whose class is predicted.
    """

    kappa: Score | None
    mean_rank_error: Score
    accuracy: Score


def ordinal_scores(
    codes: Codes,
    predicted: Codes,
    n_classes: int,
    *,
    groups: ArrayLike | None = None,
    cross_validated: bool = False,
) -> OrdinalScores:
    """Judge predicted classes ``(n,)`` against the true ones, both as ranks from 0.

    Parameters
    ----------
    groups
        Group of each item, ``(n,)``: intervals take groups, not items, as independent.
    cross_validated
        Whether the judged models were trained on folds of these items.

    Raises
    ------
    DataError
        There are no items.

    Examples
    --------
    >>> codes = np.arange(30) % 3
    >>> found = ordinal_scores(codes, np.minimum(codes, 1), 3)
    >>> round(found.mean_rank_error.value, 3), round(found.accuracy.value, 3)
    (0.333, 0.667)
    """
    n = len(codes)
    if n == 0:
        raise DataError("There are no items to judge.", remedy="Give at least one labelled item.")
    units = Units.of(n, groups, cross_validated=cross_validated)
    errors = np.abs(np.asarray(predicted) - codes).astype(np.float64)
    right = share(errors == 0, units)
    low, high = mean_interval(errors, units) if errors.any() else (0.0, 1 - right.low)
    return OrdinalScores(
        kappa=_kappa(codes, predicted, right, units),
        mean_rank_error=Score(
            value=float(errors.mean()), low=low, high=min(high, float(n_classes - 1))
        ),
        accuracy=right,
    )


def rank_counts(codes: Codes, predicted: Codes, n_classes: int) -> NDArray[np.int64]:
    """Items by true and predicted class, ``(k, k)``."""
    places = np.asarray(codes) * n_classes + predicted
    return np.bincount(places, minlength=n_classes**2).reshape(n_classes, n_classes)


def share(right: NDArray[np.bool_], units: Units) -> Score:
    """Share of the items that are right, ``(n,)``, with its interval."""
    value, n = float(right.mean()), len(right)
    low, high = share_interval(
        value,
        (right - value) / n,
        independent=value * (1 - value) / n,
        ceiling=n,
        units=units,
    )
    return Score(value=value, low=low, high=high)


def _kappa(codes: Codes, predicted: Codes, right: Score, units: Units) -> Score | None:
    """By the delta method on the logarithm of 1 - kappa; without errors by their share."""
    y, p = np.asarray(codes, np.float64), np.asarray(predicted, np.float64)
    own, other = y - y.mean(), p - p.mean()
    apart = float(y.mean() - p.mean())
    by_chance = float(y.var() + p.var() + apart**2)
    if by_chance <= 0:
        return None
    squares = np.square(y - p)
    error = float(squares.mean())
    if error <= 0:
        return Score(value=1.0, low=max(1 - (1 - right.low) / by_chance, -1.0), high=1.0)
    left = error / by_chance
    value = round(1 - left, 12) + 0.0
    spread = np.square(own) + np.square(other) + 2 * apart * (own - other) + apart**2
    influence = (squares / error - spread / by_chance) / len(y)
    width = math.sqrt(units.variance(influence) * units.inflation)
    width *= quantile_95(units.count - 1)
    if not math.isfinite(width) or width > 50:
        return Score(value=value, low=-1.0, high=1.0)
    low = max(1 - left * math.exp(width), -1.0)
    return Score(value=value, low=min(low, value), high=max(1 - left * math.exp(-width), value))
