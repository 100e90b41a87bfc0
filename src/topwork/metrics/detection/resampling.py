"""How often each image occurs in resampled data."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from topwork.metrics.intervals import Units


def resampled_weights(units: Units, draws: int, *, seed: int = 0) -> NDArray[np.float64]:
    """Times that each image is drawn when units are drawn with replacement, (b, n).

    Detections that were sorted and matched once need no more than these weights.

    Parameters
    ----------
    units
        Images, or groups of them, of which as many are drawn as there are.
    draws
        b.
    seed
        Of the draws.

    References
    ----------
    Efron 1979, Bootstrap methods: another look at the jackknife.

    Examples
    --------
    >>> weights = resampled_weights(Units.of(4, ["a", "a", "b", "c"]), 10)
    >>> weights.shape, bool((weights[:, 0] == weights[:, 1]).all())
    ((10, 4), True)
    """
    m = units.count
    drawn = np.random.default_rng(seed).multinomial(m, np.full(m, 1 / m), size=draws)
    return np.asarray(drawn[:, units.members], dtype=np.float64)
