"""What an inspector says about images of parts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from topwork.data import Rejected
from topwork.features.remarks import RemarkRecord
from topwork.heads.inspection.joined_maps import upsampling
from topwork.model.prediction_table import PredictionTable
from topwork.shift.moved_scores import MovedScores


@dataclass(frozen=True, slots=True)
class InspectedPart:
    """What a model says of one image.

    Parameters
    ----------
    path
        What the image is called.
    score
        Largest distance of a place from the good parts; about 1 to 2 for a good one.
    p
        Share of good parts that are at least as odd, above 0 to 1.
    anomalous
        Whether the score is above the threshold.
    """

    path: str
    score: float
    p: float
    anomalous: bool


@dataclass(frozen=True, slots=True, repr=False)
class InspectionPredictions(PredictionTable[InspectedPart]):
    """Predictions for the images that could be read, in the order of the images.

    ``for part in predictions`` gives an `InspectedPart` each, and
    ``pandas.DataFrame(predictions.columns())`` a table.

    Parameters
    ----------
    kept
        Positions of the m images that could be read.
    names, keys
        What those are called, and their content keys.
    sizes
        Width and height of each.
    distances
        Of each place from the good parts, ``(m, rows, columns)``.
    scores, p_values, anomalous
        ``(m,)``.
    rejected
        The other images, each with its reason.
    remarks
        How some of the images were read, otherwise than their owner may think.
    moved
        Whether the scores have moved as a whole, images of the fit aside; None where they have
        not, or where there are too few.
    """

    row: ClassVar[type[InspectedPart]] = InspectedPart

    kept: list[int]
    names: list[str]
    keys: list[bytes]
    sizes: list[tuple[int, int]]
    distances: NDArray[np.float32]
    scores: NDArray[np.float64]
    p_values: NDArray[np.float64]
    anomalous: NDArray[np.bool_]
    rejected: list[Rejected]
    remarks: tuple[RemarkRecord, ...] = ()
    moved: MovedScores | None = None

    def __iter__(self) -> Iterator[InspectedPart]:
        columns = (self.names, self.scores, self.p_values, self.anomalous)
        for name, score, p, anomalous in zip(*columns, strict=True):
            yield InspectedPart(name, float(score), float(p), bool(anomalous))

    def heat_map(self, row: int) -> NDArray[np.float32]:
        """Distances of one image in its own resolution, ``(height, width)``."""
        width, height = self.sizes[row]
        return enlarged(self.distances[row], height, width)


def enlarged(distances: NDArray[np.float32], height: int, width: int) -> NDArray[np.float32]:
    """Distances ``(rows, columns)`` as a map ``(height, width)``.

    Examples
    --------
    >>> enlarged(np.eye(2, dtype=np.float32), 4, 6).shape
    (4, 6)
    """
    rows, columns = distances.shape
    return np.asarray(upsampling(rows, height) @ distances @ upsampling(columns, width).T)
