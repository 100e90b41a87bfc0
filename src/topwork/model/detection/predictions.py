"""What a detector finds in images."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from topwork.data import Rejected
from topwork.features.remarks import RemarkRecord
from topwork.metrics.detection.detections import Detections
from topwork.model.short_repr import html_table


class DetectedBox(NamedTuple):
    """One object.

    Attributes
    ----------
    label
        Its class.
    probability
        That the box is right: an object of this class that it overlaps by half.
    x1, y1, x2, y2
        Its left, upper, right and lower edge, in pixels of the upright image.
    """

    label: str
    probability: float
    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True, slots=True, repr=False)
class DetectionPredictions:
    """The objects found in the images that could be read, in the order of the images.

    ``for boxes in predictions`` gives the `DetectedBox` es of each image, the most probable first,
    and ``pandas.DataFrame(predictions.columns())`` a table with a row for each box.

    Parameters
    ----------
    labels
        The k classes.
    kept
        Positions of the m images that could be read.
    names, keys
        What those are called, and their content keys.
    sizes
        Their widths and heights in pixels.
    detections
        Boxes of each, ``[m]``; their scores are probabilities.
    pooled
        Mean of each channel of the network's finest map, ``(m, c)``: what images look like to it.
    rejected
        The other images, each with its reason.
    remarks
        How some of the images were read, otherwise than their owner may think.
    """

    labels: Sequence[str]
    kept: list[int]
    names: list[str]
    keys: list[bytes]
    sizes: list[tuple[int, int]]
    detections: list[Detections]
    pooled: NDArray[np.float32]
    rejected: list[Rejected]
    remarks: tuple[RemarkRecord, ...] = ()

    def __iter__(self) -> Iterator[list[DetectedBox]]:
        for found in self.detections:
            yield detected_boxes(found, self.labels)

    def __len__(self) -> int:
        return len(self.kept)

    def columns(self) -> dict[str, list[Any]]:
        """The same as columns: path, label, probability, x1, y1, x2, y2."""
        rows = [(name, *box) for name, boxes in zip(self.names, self, strict=True) for box in boxes]
        return {
            column: [row[i] for row in rows]
            for i, column in enumerate(("path", *DetectedBox._fields))
        }

    def __repr__(self) -> str:
        n = sum(len(found.classes) for found in self.detections)
        return (
            f"DetectionPredictions({n} boxes in {len(self)} images, {len(self.rejected)} rejected)"
        )

    def _repr_html_(self) -> str:
        names = ("path", *DetectedBox._fields)
        rows = list(islice(zip(*self.columns().values(), strict=True), 20))
        return html_table(names, rows)


def detected_boxes(found: Detections, labels: Sequence[str]) -> list[DetectedBox]:
    """Boxes of one image as records.

    Examples
    --------
    >>> found = Detections.of([[1, 2, 3, 4]], [0], [0.5])
    >>> detected_boxes(found, ["ace"])
    [DetectedBox(label='ace', probability=0.5, x1=1.0, y1=2.0, x2=3.0, y2=4.0)]
    """
    return [
        DetectedBox(labels[code], round(float(score), 6), *(round(float(v), 2) for v in corners))
        for corners, code, score in zip(found.corners, found.classes, found.scores, strict=True)
    ]
