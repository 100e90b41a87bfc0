"""Whether the names of classes say what the classes hold."""

from __future__ import annotations

from itertools import permutations
from math import factorial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.heads.linear import normalise_rows

MIN_CLASSES = 4
"""Of fewer, too few other orders of the names exist for a test at 5 %."""

_DRAWN = 999


def names_match(
    X: ArrayLike, codes: NDArray[np.integer], names: ArrayLike, *, seed: int = 0
) -> float:
    """The p-value of a test whether classes are nearer to their own names than chance.

    The statistic is the mean cosine of class means and names after both were centred; the
    reference is the same with the names in other orders, all of them or 999 drawn ones. Names that
    mean nothing pass at 5 % in 5 % of cases, whatever the classes are.

    Parameters
    ----------
    X
        Features of the items, (n, d).
    codes
        Class of each, (n,), from 0 to k − 1; every class has one.
    names
        Features of the names by the same network, (k, d).

    Returns
    -------
    1 for fewer than four classes: two or three names have too few orders.

    References
    ----------
    Phipson and Smyth 2010, Permutation p-values should never be zero.

    Examples
    --------
    >>> names_match(np.eye(6), np.arange(6), np.eye(6)) < 0.01
    True
    >>> names_match(np.eye(6), np.arange(6), np.eye(6)[::-1]) > 0.5
    True
    """
    rows, told = normalise_rows(X), normalise_rows(names)
    k = len(told)
    if k < MIN_CLASSES:
        return 1.0
    means = np.stack([rows[codes == code].mean(axis=0) for code in range(k)])
    means, told = means - means.mean(axis=0), told - told.mean(axis=0)
    table = normalise_rows(means) @ normalise_rows(told).T
    own = float(np.trace(table))
    if factorial(k) <= _DRAWN:
        orders = list(permutations(range(k)))
        others = [float(table[range(k), order].sum()) for order in orders]
        return float(np.mean(np.array(others) >= own - 1e-6))
    rng = np.random.default_rng(seed)
    others = [float(table[range(k), rng.permutation(k)].sum()) for _ in range(_DRAWN)]
    return float((1 + np.sum(np.array(others) >= own - 1e-6)) / (1 + _DRAWN))
