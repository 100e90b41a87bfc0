"""How far confidence is from the share of items that are right."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.metrics.intervals import Units, quantile_95

#: Bins of equally many items, and fewest items in one: with fewer, noise alone looks like error.
MAX_BINS = 15
MIN_IN_BIN = 20
_DRAWS = 500
_STEPS = 16
_LARGEST_FACTOR = 16.0
_Z = 1.96

Float64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Bins:
    """Items in b bins of equal mass by confidence.

    Parameters
    ----------
    gaps
        Share right minus mean confidence, (b,).
    weights
        Share of the items, (b,).
    covariance
        Of the gaps, (b, b).
    """

    gaps: Float64
    weights: Float64
    covariance: Float64

    @property
    def error(self) -> float:
        """Σ weight · \\|gap\\|."""
        return float(self.weights @ np.abs(self.gaps))


def confidence_bins(
    probabilities: NDArray[np.floating], codes: NDArray[np.integer], units: Units
) -> Bins:
    """Bins by the probability (n, k) of the predicted class, against codes (n,)."""
    rows = np.asarray(probabilities, dtype=np.float64)
    confidence = rows.max(axis=1)
    difference = (rows.argmax(axis=1) == codes) - confidence
    n = len(codes)
    count = max(1, min(MAX_BINS, n // MIN_IN_BIN))
    members = np.empty(n, dtype=np.intp)
    members[np.argsort(confidence, kind="stable")] = np.arange(n) * count // n
    sizes = np.bincount(members).astype(np.float64)
    gaps = np.bincount(members, difference) / sizes
    influence = (difference - gaps[members]) / sizes[members]
    expected = np.bincount(members, confidence * (1 - confidence)) / sizes**2
    covariance = _covariance(influence, members, expected, units)
    return Bins(gaps, sizes / n, covariance)


def _covariance(
    influence: Float64, members: NDArray[np.intp], expected: Float64, units: Units
) -> Float64:
    """Between bins as units make it; within a bin at least what calibrated items vary by."""
    b = len(expected)
    table = np.bincount(units.members * b + members, influence, units.count * b)
    table = table.reshape(units.count, b)
    found = table.T @ table
    per_bin = np.maximum(np.count_nonzero(table, axis=0) - 1, 1)
    scale = np.array([quantile_95(float(degrees)) / _Z for degrees in per_bin])
    found *= np.outer(scale, scale)
    found[np.diag_indices(b)] = np.maximum(np.diagonal(found), expected)
    return np.asarray(found * units.inflation)


def adaptive_calibration_error(
    probabilities: NDArray[np.floating], codes: NDArray[np.integer], units: Units, *, seed: int = 0
) -> tuple[float, float, float]:
    """Mean distance of accuracy from confidence over bins of equal mass, with its 95 % interval.

    Noise in the bins only ever adds to the error, so that a bootstrap would put its interval
    around a value that is too high already. Here the interval holds the errors of gaps s times as
    large as those found, for every s under which the error found is not among the 2.5 % most
    extreme on either side.

    Parameters
    ----------
    probabilities
        (n, k).
    codes
        (n,).
    units
        What varies independently.
    seed
        Of the noise.

    References
    ----------
    Nixon et al. 2019, Measuring calibration in deep learning, §3.3 (adaptivity), for the
    predicted class only: over all classes most probabilities are 0 and hide the error.

    Examples
    --------
    >>> probabilities = np.tile([0.9, 0.1], (100, 1))
    >>> error, low, high = adaptive_calibration_error(
    ...     probabilities, np.arange(100) % 2, Units.of(100)
    ... )
    >>> round(error, 2), low < 0.4 < high
    (0.4, True)
    """
    bins = confidence_bins(probabilities, codes, units)
    error = bins.error
    values, vectors = np.linalg.eigh(bins.covariance)
    root = vectors * np.sqrt(np.maximum(values, 0))
    noise = np.random.default_rng(seed).standard_normal((_DRAWS, len(values))) @ root.T
    low = _factor(bins, noise, error, exceeded=0.025)
    high = _factor(bins, noise, error, exceeded=0.975)
    return error, min(low, 1.0) * error, min(max(high, 1.0) * error, 1.0)


def _factor(bins: Bins, noise: Float64, error: float, *, exceeded: float) -> float:
    """The factor s on the gaps under which the error found is exceeded that often."""
    low, high = 0.0, _LARGEST_FACTOR
    for _ in range(_STEPS):
        middle = (low + high) / 2
        drawn = np.abs(middle * bins.gaps + noise) @ bins.weights
        low, high = (middle, high) if np.mean(drawn >= error) < exceeded else (low, middle)
    return low
