"""Scales on which numbers are predicted: as they are, their logarithm, or their ranks."""

from __future__ import annotations

from statistics import NormalDist
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.metrics.records import Record

TransformName = Literal["none", "log", "rank"]
TRANSFORMS: tuple[TransformName, ...] = get_args(TransformName)
"""From simple to complex."""

MAX_KNOTS = 256
_BEYOND = 0.25
"""How far beyond the numbers of training a prediction may lie, in ranges of those numbers."""

_TAIL = 0.1
"""Share of the knots at each end by whose slope the rank scale goes on beyond its ends."""

Float64 = NDArray[np.float64]


class Transform(Record):
    """An increasing function of the target, standardised on the numbers that it was fitted on.

    Parameters
    ----------
    name
        ``none``: the number itself; ``log``: its natural logarithm, of positive numbers only;
        ``rank``: the normal score of its rank (van der Waerden 1952), between knots linear.
    location, scale
        Mean and standard deviation of that; what is predicted is (t(y) - location) / scale.
    least, most
        Between these a prediction is kept, in the units of the target.
    numbers, scores
        Knots of the rank scale, both increasing: numbers, and their normal scores.
    """

    name: TransformName
    location: float
    scale: float
    least: float
    most: float
    numbers: tuple[float, ...] = ()
    scores: tuple[float, ...] = ()

    def forward(self, numbers: ArrayLike) -> Float64:
        """Standardised values of numbers, of any shape."""
        y = np.asarray(numbers, np.float64)
        if self.name == "log":
            y = np.log(y)
        elif self.name == "rank":
            y = _piecewise(y, self.numbers, self.scores)
        return np.asarray((y - self.location) / self.scale)

    def backward(self, values: ArrayLike) -> Float64:
        """Numbers of standardised values, of any shape; within ``least`` and ``most``."""
        ends = self.forward([self.least, self.most])
        z = np.clip(np.asarray(values, np.float64), ends[0], ends[1])
        y = z * self.scale + self.location
        if self.name == "log":
            y = np.exp(y)
        elif self.name == "rank":
            y = self.from_scores(y)
        return np.clip(y, self.least, self.most)

    def from_scores(self, scores: ArrayLike) -> Float64:
        """Numbers of normal scores, of any shape, on the rank scale."""
        return _piecewise(np.asarray(scores, np.float64), self.scores, self.numbers)


def fit_transform(name: TransformName, numbers: Float64) -> Transform:
    """Fit a transform on numbers ``(n,)``.

    Examples
    --------
    >>> log = fit_transform("log", np.array([1.0, 10.0, 100.0]))
    >>> log.forward([10.0]).round(6).tolist(), log.backward(log.forward([3.0])).round(6).tolist()
    ([0.0], [3.0])
    >>> rank = fit_transform("rank", np.array([1.0, 2.0, 50.0]))
    >>> rank.backward(rank.forward([20.0, 60.0])).round(6).tolist()
    [20.0, 60.0]
    """
    y = np.asarray(numbers, np.float64)
    knots, scores = _knots(y) if name == "rank" and np.ptp(y) > 0 else ((), ())
    if name == "rank" and not knots:
        name = "none"
    values = np.log(y) if name == "log" else _piecewise(y, knots, scores) if knots else y
    spread = float(values.std())
    low, high = float(values.min()), float(values.max())
    least, most = _bounds(name, y, low, high)
    return Transform(
        name=name,
        location=float(values.mean()),
        scale=spread if spread > 0 else 1.0,
        least=least,
        most=most,
        numbers=knots,
        scores=scores,
    )


def possible(numbers: Float64) -> tuple[TransformName, ...]:
    """The transforms that numbers allow."""
    return tuple(name for name in TRANSFORMS if name != "log" or float(np.min(numbers)) > 0)


def _bounds(name: TransformName, y: Float64, low: float, high: float) -> tuple[float, float]:
    if name == "log":
        wide = _BEYOND * max(high - low, 1e-9)
        return float(np.exp(max(low - wide, -700.0))), float(np.exp(min(high + wide, 700.0)))
    wide = _BEYOND * max(float(np.ptp(y)), 1e-9 * max(1.0, float(np.abs(y).max())))
    return float(y.min()) - wide, float(y.max()) + wide


def _knots(y: Float64) -> tuple[tuple[float, ...], tuple[float, ...]]:
    distinct, counts = np.unique(y, return_counts=True)
    middle = (np.cumsum(counts) - counts / 2) / len(y)
    if len(distinct) > MAX_KNOTS:
        kept = np.unique(np.linspace(0, len(distinct) - 1, MAX_KNOTS).round().astype(int))
        distinct, middle = distinct[kept], middle[kept]
    normal = NormalDist()
    scores = [normal.inv_cdf(float(share)) for share in middle]
    return tuple(float(v) for v in distinct), tuple(scores)


def _piecewise(x: Float64, knots: tuple[float, ...], values: tuple[float, ...]) -> Float64:
    """Linear between the knots, and beyond them by the slope of a tenth of them."""
    k, v = np.asarray(knots), np.asarray(values)
    inner = max(1, int(_TAIL * len(k)))
    low = (v[inner] - v[0]) / (k[inner] - k[0])
    high = (v[-1] - v[-1 - inner]) / (k[-1] - k[-1 - inner])
    y = np.interp(x, k, v)
    y = np.where(x < k[0], v[0] + low * (x - k[0]), y)
    return np.asarray(np.where(x > k[-1], v[-1] + high * (x - k[-1]), y))
