"""Items between two clusters, and items of none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: How many robust deviations below its cluster's median cosine an item is an outlier.
_FAR = 3.5
#: An item is borderline where its second centre is nearly as near as its own.
_NEAR = 0.05

Rows = NDArray[np.float32]
Codes = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Membership:
    """How each row belongs to its cluster.

    Parameters
    ----------
    nearness
        Cosine to the centre of its own cluster, (n,).
    second
        The cluster whose centre is nearest otherwise, (n,); its own where there is one cluster.
    borderline
        Whether that centre is less than 0.05 of cosine farther away, (n,).
    outlier
        Whether the row is far from its centre as measured by its own cluster, (n,).
    """

    nearness: Rows
    second: Codes
    borderline: NDArray[np.bool_]
    outlier: NDArray[np.bool_]


def membership(rows: Rows, centres: Rows, codes: Codes) -> Membership:
    """Nearness of rows (n, a) to centres (k, a), given their clusters (n,).

    An outlier's cosine is more than 3.5 robust deviations (1.4826 times the median absolute
    deviation) below the median of its cluster.

    Examples
    --------
    >>> rows = np.float32([[1, 0], [0.8, 0.6], [0, 1]])
    >>> membership(rows, np.float32([[1, 0], [0, 1]]), np.array([0, 0, 1])).second.tolist()
    [1, 1, 0]
    """
    cosines = rows @ centres.T
    each = np.arange(len(rows))
    own = cosines[each, codes]
    outlier = np.zeros(len(rows), bool)
    for code in range(len(centres)):
        members = np.flatnonzero(codes == code)
        if len(members):
            middle = np.median(own[members])
            spread = 1.4826 * np.median(np.abs(own[members] - middle))
            outlier[members] = own[members] < middle - _FAR * np.maximum(spread, 1e-6)
    if len(centres) == 1:
        return Membership(own, codes, np.zeros(len(rows), bool), outlier)
    cosines[each, codes] = -np.inf
    second = cosines.argmax(axis=1)
    borderline = own - cosines[each, second] < _NEAR
    return Membership(own, second, borderline, outlier)
