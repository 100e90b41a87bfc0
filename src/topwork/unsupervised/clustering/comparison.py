"""How clusters agree with something that is known of the items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from topwork.errors import DataError
from topwork.metrics.adjusted_rand import adjusted_rand_score
from topwork.metrics.records import Score

MAX_VALUES = 1000


class ComparedValue(BaseModel):
    """A value, and how many of its items are in each cluster."""

    model_config = ConfigDict(frozen=True)

    value: str
    clusters: list[int]


class ClusterComparison(BaseModel):
    """Clusters beside something that is known of the items.

    Attributes
    ----------
    column
        Where it is known from: a column of the table, or ``folder``.
    n_items
        Items of which it is known.
    adjusted_rand
        The adjusted Rand index: 1 where both divide the items alike, 0 on average for unrelated
        divisions.
    values
        The cross table, the most frequent value first.
    """

    model_config = ConfigDict(frozen=True)

    column: str
    n_items: int
    adjusted_rand: Score
    values: list[ComparedValue]


def compare(
    names: Sequence[str], codes: NDArray[np.integer], k: int, known: Mapping[str, str], column: str
) -> ClusterComparison:
    """Compare the clusters of items with what is known of them by name.

    Parameters
    ----------
    names, codes
        What the n items are called, and their clusters.
    k
        Clusters.
    known
        The value of each item, or of some.
    column
        What the values are called.

    Raises
    ------
    DataError
        Nothing is known of any item, or nearly every item has a value of its own.

    Examples
    --------
    >>> known = {"a": "x", "b": "x", "c": "y"}
    >>> found = compare(["a", "b", "c"], np.array([0, 0, 1]), 2, known, "kind")
    >>> found.adjusted_rand.value, found.values[0].clusters
    (1.0, [2, 0])
    """
    pairs = [(known[n], int(c)) for n, c in zip(names, codes, strict=True) if n in known]
    values = sorted({value for value, _ in pairs})
    if not pairs or len(values) > min(MAX_VALUES, max(len(pairs) // 2, 2)):
        said = f"has {len(values)} different values" if pairs else "is known of none"
        raise DataError(
            f"{column} {said} of {len(pairs) or len(names)} items, so that clusters cannot be "
            "compared with it.",
            remedy="Name a column with few different values, or write --compare folder.",
            code="not_comparable",
        )
    table = np.zeros((len(values), k), np.int64)
    place = {value: row for row, value in enumerate(values)}
    for value, code in pairs:
        table[place[value], code] += 1
    order = np.argsort(-table.sum(axis=1), kind="stable")
    return ClusterComparison(
        column=column,
        n_items=len(pairs),
        adjusted_rand=adjusted_rand_score(table),
        values=[ComparedValue(value=values[row], clusters=table[row].tolist()) for row in order],
    )
