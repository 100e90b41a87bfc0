"""Scores of predicted numbers with intervals."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.errors import DataError
from topwork.metrics.intervals import Units, mean_interval, quantile_95
from topwork.metrics.records import Record, Score

Float64 = NDArray[np.float64]


class NumberScores(Record):
    """The scores of a regressor.

    Parameters
    ----------
    mae
        Mean absolute error, in the units of the target.
    rmse
        Root of the mean squared error, in the units of the target.
    r2
        1 - mean squared error / variance of the true numbers; None where those are all equal.
    spearman
        Rank correlation of predicted and true numbers; None where one of both is constant.
    """

    mae: Score
    rmse: Score
    r2: Score | None
    spearman: Score | None


def number_scores(
    numbers: Float64,
    predicted: Float64,
    *,
    groups: ArrayLike | None = None,
    cross_validated: bool = False,
) -> NumberScores:
    """Judge predicted numbers against the true ones.

    Parameters
    ----------
    numbers
        True, ``(n,)``.
    predicted
        ``(n,)``, or ``(r, n)`` of r repeats, an item's r predictions being one unit.
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
    >>> y = np.arange(10.0)
    >>> scores = number_scores(y, y + np.where(np.arange(10) % 2, 1.0, -1.0))
    >>> scores.mae.value, scores.rmse.value, round(scores.r2.value, 3)
    (1.0, 1.0, 0.879)
    """
    rows = np.atleast_2d(np.asarray(predicted, np.float64))
    repeats, n = rows.shape
    if n == 0:
        raise DataError("There are no items to judge.", remedy="Give at least one labelled item.")
    units = Units.of(n, groups, cross_validated=cross_validated)
    if repeats > 1:
        units = units.repeated(repeats)
    y, p = np.tile(np.asarray(numbers, np.float64), repeats), rows.reshape(-1)
    squares = np.square(p - y)
    return NumberScores(
        mae=_mean(np.abs(p - y), units),
        rmse=_root(_mean(squares, units)),
        r2=_r2(y, squares, units),
        spearman=_spearman(y, p, units),
    )


def _mean(values: Float64, units: Units) -> Score:
    low, high = mean_interval(values, units)
    return Score(value=float(values.mean()), low=low, high=high if math.isfinite(high) else None)


def _root(score: Score) -> Score:
    high = None if score.high is None else math.sqrt(score.high)
    return Score(value=math.sqrt(score.value), low=math.sqrt(score.low), high=high)


def _r2(y: Float64, squares: Float64, units: Units) -> Score | None:
    """By the delta method on the logarithm of the share of variance that is left."""
    spread = np.square(y - y.mean())
    variance, error = float(spread.mean()), float(squares.mean())
    if variance <= 0:
        return None
    left = error / variance
    if error <= 0:
        return Score(value=1.0, low=1.0, high=1.0)
    influence = (squares / error - spread / variance) / len(y)
    width = math.sqrt(units.variance(influence) * units.inflation)
    width *= quantile_95(units.count - 1)
    if not math.isfinite(width) or width > 50:
        return Score(value=1 - left, low=-math.inf, high=1.0)
    return Score(value=1 - left, low=1 - left * math.exp(width), high=1 - left * math.exp(-width))


def _spearman(y: Float64, p: Float64, units: Units) -> Score | None:
    """Fisher's z with the variance of Bonett and Wright 2000."""
    if np.ptp(y) == 0 or np.ptp(p) == 0:
        return None
    from scipy.stats import rankdata

    value = float(np.corrcoef(rankdata(y), rankdata(p))[0, 1])
    independent = units.independent / (units.repeats if units.single else 1)
    if independent <= 4 or abs(value) >= 1:
        return Score(value=value, low=value if abs(value) >= 1 else -1.0, high=1.0)
    error = math.sqrt((1 + value**2 / 2) / (independent - 3) * units.inflation)
    z, half = math.atanh(value), quantile_95(independent - 1) * error
    return Score(value=value, low=math.tanh(z - half), high=math.tanh(z + half))
