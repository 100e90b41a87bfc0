"""The learning rate's way up and down."""

from __future__ import annotations

import math


def warm_up_cosine(step: int, steps: int, warm_up: float) -> float:
    """Factor on the peak rate: a linear rise, then half a cosine down to zero.

    Loshchilov and Hutter 2017, SGDR, equation 5, without restarts.

    Parameters
    ----------
    step
        From 0.
    steps
        In all.
    warm_up
        Share of the steps that rise.

    Examples
    --------
    >>> [round(warm_up_cosine(i, 8, 0.25), 2) for i in range(8)]
    [0.5, 1.0, 1.0, 0.93, 0.75, 0.5, 0.25, 0.07]
    """
    rise = max(1, round(warm_up * steps)) if warm_up else 0
    if step < rise:
        return (step + 1) / rise
    way = min(1.0, (step - rise) / max(1, steps - rise))
    return 0.5 * (1 + math.cos(math.pi * way))
