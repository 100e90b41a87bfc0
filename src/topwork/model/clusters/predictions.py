"""Which clusters items belong to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from topwork.data import Rejected
from topwork.features.remarks import RemarkRecord
from topwork.model.prediction_table import PredictionTable

UNREAD: Final = -1
"""In place of the cluster of an item that can't be read."""


@dataclass(frozen=True, slots=True)
class AssignedItem:
    """The cluster of one item.

    Parameters
    ----------
    path
        What the item is called.
    cluster, name
        The number of the nearest cluster, from 0, and what it is called.
    nearness
        Cosine with the centre of that cluster, -1 to 1; of a row of a table the distance to it with
        a minus sign.
    second
        The number of the next nearest cluster.
    outlier
        Whether it is farther from the centre than the items of the cluster are.
    """

    path: str
    cluster: int
    name: str
    nearness: float
    second: int
    outlier: bool


@dataclass(frozen=True, slots=True, repr=False)
class ClusterPredictions(PredictionTable[AssignedItem]):
    """Clusters of the items that could be read, in the order of the items.

    ``for item in predictions`` gives an `AssignedItem` each, and
    ``pandas.DataFrame(predictions.columns())`` a table.

    Parameters
    ----------
    cluster_names
        Of the k clusters.
    kept
        Positions of the m items that could be read.
    names, keys
        What those are called, and their content keys.
    codes
        The nearest cluster of each, ``(m,)``.
    cosines
        Nearness to the centre of each cluster, ``(m, k)``: the cosine with it; of rows of a table
        the distance to it with a minus sign.
    outliers
        Which are farther from the centre than the items of the cluster are, ``(m,)``.
    rejected
        The other items, each with its reason.
    cut_short
        How many were too long for the network to see all of them.
    remarks
        How some of the items were read, otherwise than their owner may think.
    """

    row: ClassVar[type[AssignedItem]] = AssignedItem

    cluster_names: list[str]
    kept: list[int]
    names: list[str]
    keys: list[bytes]
    codes: NDArray[np.int64]
    cosines: NDArray[np.float32]
    outliers: NDArray[np.bool_]
    rejected: list[Rejected]
    cut_short: int = 0
    remarks: tuple[RemarkRecord, ...] = ()

    @property
    def seconds(self) -> NDArray[np.int64]:
        """The next nearest cluster of each item, ``(m,)``."""
        others = self.cosines.copy()
        others[np.arange(len(others)), self.codes] = -np.inf
        found: NDArray[np.int64] = others.argmax(axis=1)
        return found

    def __iter__(self) -> Iterator[AssignedItem]:
        nearness = self.cosines[np.arange(len(self)), self.codes]
        columns = (self.names, self.codes, nearness, self.seconds, self.outliers)
        for name, code, cosine, second, outlier in zip(*columns, strict=True):
            said = self.cluster_names[code]
            yield AssignedItem(name, int(code), said, float(cosine), int(second), bool(outlier))
