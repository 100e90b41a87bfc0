"""What lost: other intervals of average precision, other rules for a number of false detections."""

from __future__ import annotations

from collections.abc import Callable
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from topwork.calibration.detection.false_threshold import threshold_for_false
from topwork.metrics.detection import Matches, average_precision
from topwork.metrics.detection.average_precision import class_parts, precision_influence
from topwork.metrics.detection.froc import Froc
from topwork.metrics.detection.resampling import resampled_weights
from topwork.metrics.intervals import Units, quantile_95

Array = NDArray[np.float64]
Interval = tuple[float, float]
_NORMAL = NormalDist()
DRAWS = 400
#: Highest number of false detections in an image that rules for bounded losses count.
CAP = 10.0


def resampled_precision(matches: Matches, weights: Array) -> Array:
    """Mean average precision at overlap 0.5 of resampled images, (b,), up to a constant."""
    total = weights @ matches.objects()
    areas = np.zeros(total.shape)
    for c, part in enumerate(class_parts(matches)):
        right, ignored = matches.right[0, part], matches.ignored[0, part]
        own = weights[:, matches.flat.found.image[part]]
        hits = np.cumsum(own * right, axis=1)
        precision = hits / np.maximum(np.cumsum(own * ~ignored, axis=1), 1e-9)
        envelope = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
        areas[:, c] = (envelope * own * right).sum(axis=1) / np.maximum(total[:, c], 1e-9)
    present = total > 0
    found = (areas * present).sum(axis=1) / present.sum(axis=1)
    return np.asarray(found)


def other_intervals(matches: Matches, units: Units, *, seed: int) -> dict[str, Interval]:
    """Intervals of the mean average precision at overlap 0.5, by name."""
    objects = matches.objects()
    present = objects.sum(axis=0) > 0
    value = float(average_precision(matches)[0, present].mean())
    influence = precision_influence(matches)[0, present].mean(axis=0)
    drawn = resampled_precision(matches, resampled_weights(units, DRAWS, seed=seed))
    ones = np.ones((1, matches.flat.n_images))
    drawn += value - resampled_precision(matches, ones)[0]
    error = float(np.sqrt(units.variance(influence)))
    near = min(max(value, 0.001), 0.999)
    odds, half = np.log(near / (1 - near)), quantile_95(units.count - 1) * error / near / (1 - near)
    return {
        "percentile bootstrap": _quantiles(drawn, 0.025, 0.975),
        "bootstrap, BCa": _quantiles(drawn, *_bca(value, drawn, units.total(influence))),
        "bootstrap error, normal": (
            value - 1.96 * float(drawn.std(ddof=1)),
            value + 1.96 * float(drawn.std(ddof=1)),
        ),
        "jackknife, t": (
            value - quantile_95(units.count - 1) * error,
            value + quantile_95(units.count - 1) * error,
        ),
        "jackknife, logit and t": (
            float(1 / (1 + np.exp(half - odds))),
            float(1 / (1 + np.exp(-half - odds))),
        ),
    }


def _quantiles(drawn: Array, low: float, high: float) -> Interval:
    a, b = np.quantile(drawn, [low, high])
    return float(a), float(b)


def _bca(value: float, drawn: Array, influence: Array) -> Interval:
    """Efron 1987, Better bootstrap confidence intervals, eq. 6.8."""
    scale = float(np.square(influence).sum()) ** 1.5
    acceleration = float(np.power(influence, 3).sum()) / 6 / scale if scale > 0 else 0.0
    below = float(np.mean(drawn < value) + np.mean(drawn == value) / 2)
    bias = _NORMAL.inv_cdf(min(max(below, 1 / DRAWS), 1 - 1 / DRAWS))
    ends = [bias + z for z in (-1.96, 1.96)]
    low, high = (_NORMAL.cdf(bias + e / (1 - acceleration * e)) for e in ends)
    return low, high


Rule = Callable[[Matches, float], float]


def plain_mean(matches: Matches, rate: float) -> float:
    """As many as the mean allows."""
    return _lowest(matches, lambda counts, n: counts.sum(axis=0) / n <= rate)


def capped_crc(matches: Matches, rate: float) -> float:
    """Conformal risk control of min(false detections, cap)."""
    return _lowest(
        matches,
        lambda counts, n: (np.minimum(counts, CAP).sum(axis=0) + CAP) / (n + 1) <= rate,
    )


def gamma_bound(matches: Matches, rate: float) -> float:
    """An upper 90 % bound of the mean of overdispersed counts."""
    from scipy.stats import gamma

    def kept(counts: Array, n: int) -> NDArray[np.bool_]:
        total = counts.sum(axis=0)
        spread = np.maximum(counts.var(axis=0, ddof=1) / np.maximum(total / n, 1e-9), 1)
        return np.asarray(spread * gamma.ppf(0.9, total / spread + 1) / n <= rate)

    return _lowest(matches, kept)


def betting_bound(matches: Matches, rate: float) -> float:
    """Learn then test: a 90 % bound by betting on min(false detections, cap), step by step.

    Waudby-Smith and Ramdas 2024, Estimating means of bounded random variables by betting, §4.
    """

    def kept(counts: Array, n: int) -> NDArray[np.bool_]:
        shares, null = np.minimum(counts, CAP) / CAP, rate / CAP
        before = np.arange(1, n + 1)[:, None]
        mean = (0.5 + np.cumsum(shares, axis=0)) / (before + 1)
        variance = (0.25 + np.cumsum(np.square(shares - mean), axis=0)) / (before + 1)
        earlier = np.vstack([np.full((1, shares.shape[1]), 0.25), variance[:-1]])
        bet = np.minimum(np.sqrt(2 * np.log(10) / (n * earlier)), 0.75 / (1 - null))
        wealth = np.cumsum(np.log1p(-bet * (shares - null)), axis=0)
        return np.asarray(wealth.max(axis=0) >= np.log(10))

    return _lowest(matches, kept)


def chosen(matches: Matches, rate: float) -> float:
    """What topwork does."""
    found = threshold_for_false(matches, rate).threshold
    return np.inf if found is None else found


RULES: dict[str, Rule] = {
    "plain mean": plain_mean,
    "conformal risk control, capped": capped_crc,
    "betting, 90 %": betting_bound,
    "gamma with overdispersion, 90 %": gamma_bound,
    "mean + dispersion (chosen)": chosen,
}


def _lowest(matches: Matches, kept: Callable[[Array, int], NDArray[np.bool_]]) -> float:
    """The lowest score down to which a rule holds at every score of a false detection."""
    froc, n = Froc.of(matches), matches.flat.n_images
    places = np.flatnonzero(froc.false)[: 8 * n]
    if len(places) == 0:
        return 0.0
    counts = np.zeros((n, len(places)))
    counts[froc.image[places], np.arange(len(places))] = 1
    holds = kept(np.cumsum(counts, axis=1), n)
    first = int(np.argmin(np.r_[holds, False]))
    if first == len(places):
        return float(froc.scores[places[-1]])
    above = froc.scores[froc.scores > froc.scores[places[first]]]
    return float(above[-1]) if len(above) else float(np.inf)
