"""One order of rows, whatever order they came in."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray


def canonical_order(rows: NDArray[Any]) -> NDArray[np.intp]:
    """Positions (n,) that sort rows (n, d) by a hash of their content.

    An order by hashes is as good as a random one: the first rows in it are a sample of all.

    Examples
    --------
    >>> rows = np.float32([[3], [1], [2]])
    >>> other = rows[[2, 0, 1]]
    >>> bool(np.array_equal(rows[canonical_order(rows)], other[canonical_order(other)]))
    True
    """
    whole = np.ascontiguousarray(rows)
    digests = [hashlib.blake2b(row.data, digest_size=16).digest() for row in whole]
    return np.argsort(np.array(digests, dtype="S16"), kind="stable")


def put_back(order: NDArray[np.intp], values: NDArray[Any]) -> NDArray[Any]:
    """What was found for ``rows[order]``, in the order of the rows."""
    found = np.empty_like(values)
    found[order] = values
    return found
