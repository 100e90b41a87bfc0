"""What the points of a map are coloured by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Categories:
    """One of k names for each of n points.

    Parameters
    ----------
    name
        What they are, such as ``label``.
    names
        The k names.
    codes
        int (n,).
    """

    name: str
    names: Sequence[str]
    codes: NDArray[np.integer]


@dataclass(frozen=True, eq=False)
class Amounts:
    """A number for each of n points, such as the doubt about its label, 0 to 1."""

    name: str
    values: NDArray[np.floating] = field(repr=False)


Colouring = Categories | Amounts


def categories_of(name: str, values: Sequence[object]) -> Categories:
    """Categories of n values, the most frequent first.

    Examples
    --------
    >>> found = categories_of("label", ["cat", "ant", "ant"])
    >>> list(found.names), found.codes.tolist()
    (['ant', 'cat'], [1, 0, 0])
    """
    texts = np.array([str(value) for value in values], dtype=object)
    distinct, codes, counts = np.unique(texts, return_inverse=True, return_counts=True)
    order = np.lexsort((distinct, -counts))
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    return Categories(name, [str(distinct[i]) for i in order], place[codes])
