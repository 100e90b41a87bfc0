"""Error against labels as a + b·n^−c, with a band."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.errors import ParameterError
from topwork.metrics.intervals import quantile_95

#: A curve says nothing about more labels than so many times those it was measured on.
FARTHEST = 4.0
_EXPONENTS = np.geomspace(0.05, 2.0, 60)
_DRAWS = 500
_Z = 1.96

Float64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PowerLaw:
    """A fitted curve, and as many more as its uncertainty allows.

    Parameters
    ----------
    a, b, c
        Of the curve a + b·n^−c: the error that stays, the part that labels remove, how fast.
    draws
        The same of each bootstrap draw, (draws, 3).
    largest
        The largest n that it was fitted on.
    """

    a: float
    b: float
    c: float
    draws: Float64
    largest: float

    def error(self, n: float) -> tuple[float, float, float]:
        """The error at n with its 95 % band.

        Raises
        ------
        ParameterError
            n is more than ``FARTHEST`` times the largest measured.
        """
        if not 0 < n <= FARTHEST * self.largest * (1 + 1e-9):
            raise ParameterError(
                f"The curve was asked for {n:g} labels, measured up to {self.largest:g}.",
                remedy=f"Ask for at most {FARTHEST:g} times as many; beyond it would be a guess.",
            )
        value = self.a + self.b * n**-self.c
        drawn = self.draws[:, 0] + self.draws[:, 1] * n ** -self.draws[:, 2]
        low, high = np.quantile(drawn, [0.025, 0.975])
        return value, float(min(low, value)), float(min(max(high, value), 1.0))


def fit_power_law(sizes: Float64, errors: Float64, *, seed: int = 0) -> PowerLaw:
    """Weighted least squares with a, b ≥ 0 and a bootstrap of the subsets.

    Weights are inverse variances between subsets, half of each from what errors of that size vary
    by elsewhere on the curve, in proportion to e (1 − e). The bootstrap is parametric, normal with
    the covariance that the nested subsets show across sizes, widened as Student's t asks for so
    few: resampling five subsets knows only 126 outcomes.

    Parameters
    ----------
    sizes
        n of each size, (s,).
    errors
        Error of each subset at each size, (subsets, s), between 0 and 1.
    seed
        Of the bootstrap.

    References
    ----------
    Cortes et al. 1994, Learning curves: asymptotic values and rate of convergence. Viering and
    Loog 2023, The shape of learning curves, §3.1.

    Examples
    --------
    >>> sizes = np.array([2.0, 4, 8, 16, 32])
    >>> law = fit_power_law(sizes, np.tile(0.1 + 0.8 / sizes, (5, 1)))
    >>> round(law.error(64)[0], 3)
    0.113
    """
    subsets = len(errors)
    means = errors.mean(axis=0)
    deviations = errors - means
    variances = np.square(deviations).sum(axis=0) / max(subsets - 1, 1)
    binomial = np.clip(means * (1 - means), 1e-4, None)
    smoothed = binomial * variances.mean() / binomial.mean()
    weights = 1 / np.maximum((variances + smoothed) / 2, 1e-8)
    widening = quantile_95(subsets - 1) / _Z / np.sqrt(max(subsets - 1, 1) * subsets)
    noise = np.random.default_rng(seed).standard_normal((_DRAWS, subsets)) @ deviations
    drawn = np.clip(means + widening * noise, 0, 1)
    a, b, c = _fit(sizes, means[None], weights)[0].tolist()
    draws = _fit(sizes, drawn, weights)
    return PowerLaw(a=a, b=b, c=c, draws=draws, largest=float(sizes.max()))


def _fit(sizes: Float64, curves: Float64, weights: Float64) -> Float64:
    """a, b and c of each curve (m, s): (m, 3)."""
    share = weights / weights.sum()
    found = np.zeros((len(curves), 3))
    least = np.full(len(curves), np.inf)
    for c in _EXPONENTS:
        powers = sizes**-c
        a, b = _line(powers, curves, share)
        loss = np.square(curves - a[:, None] - b[:, None] * powers) @ share
        better = loss < least - 1e-12
        found[better] = np.column_stack([a, b, np.full(len(curves), c)])[better]
        least = np.where(better, loss, least)
    return found


def _line(powers: Float64, curves: Float64, share: Float64) -> tuple[Float64, Float64]:
    """Best a, b ≥ 0 of a + b·powers for each curve."""
    centred = powers - share @ powers
    means = curves @ share
    b = (curves @ (share * centred)) / float(share @ centred**2)
    a = means - b * float(share @ powers)
    through_zero = (curves @ (share * powers)) / float(share @ powers**2)
    a, b = np.where(a < 0, 0, a), np.where(a < 0, through_zero, b)
    return np.where(b < 0, means, a), np.maximum(b, 0)
