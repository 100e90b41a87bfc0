"""Distances of rows to centres, the same for a row whatever other rows are beside."""

from __future__ import annotations

import numpy as np

from topwork.heads.clustering.geometry import Codes, Rows
from topwork.heads.clustering.margins import Membership

FAR = 3.5 * 1.4826
NEAR = 0.1
"""A row is borderline where its second centre is less than this share farther than its own."""

_BLOCK = 4096


def distances(rows: Rows, centres: Rows) -> Rows:
    """Euclidean distances of rows (n, a) to centres (k, a), (n, k), float32.

    Examples
    --------
    >>> distances(np.float32([[3, 4]]), np.float32([[0, 0], [3, 3]])).tolist()
    [[5.0, 1.0]]
    """
    wide, found = centres.astype(np.float64), []
    for start in range(0, len(rows), _BLOCK):
        gaps = rows[start : start + _BLOCK, None, :].astype(np.float64) - wide
        found.append(np.sqrt(np.square(gaps).sum(axis=2)).astype(np.float32))
    return np.concatenate(found) if found else np.empty((0, len(centres)), np.float32)


def row_membership(rows: Rows, centres: Rows, codes: Codes) -> Membership:
    """How rows (n, a) belong to their clusters (n,), by distances.

    Nearness is the distance with a minus sign. A row is an outlier where its distance is more
    than 3.5 robust deviations (1.4826 times the median absolute deviation) above the median of
    its cluster, and borderline where another centre is less than 10 % farther away.

    Examples
    --------
    >>> rows = np.float32([[0, 0], [1, 0], [9, 0], [4.9, 0]])
    >>> found = row_membership(rows, np.float32([[0, 0], [9, 0]]), np.array([0, 0, 1, 1]))
    >>> found.borderline.tolist(), found.nearness[:3].tolist()
    ([False, False, False, False], [-0.0, -1.0, -0.0])
    """
    away = distances(rows, centres)
    each = np.arange(len(rows))
    own = away[each, codes]
    outlier = -own < least_nearness(own, codes, len(centres))[codes]
    if len(centres) == 1:
        return Membership(-own, codes, np.zeros(len(rows), bool), outlier)
    away[each, codes] = np.inf
    second = away.argmin(axis=1)
    borderline = away[each, second] < (1 + NEAR) * own
    return Membership(-own, second, borderline, outlier)


def least_nearness(own: Rows, codes: Codes, k: int) -> Rows:
    """The nearness with each of k centres below which a row is an outlier, (k,)."""
    found = []
    for code in range(k):
        mine = own[codes == code]
        middle = np.median(mine)
        found.append(-(middle + FAR * max(float(np.median(np.abs(mine - middle))), 1e-6)))
    return np.array(found, np.float32)
