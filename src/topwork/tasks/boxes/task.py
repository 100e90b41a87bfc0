"""Boxes around the objects of each image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topwork.data import BoxTargets, Dataset
from topwork.metrics.detection import (
    Detections,
    DetectionScores,
    detection_scores,
    image_precision,
    match_detections,
)


@dataclass(frozen=True, slots=True)
class BoxTask:
    """Boxes; predictions are boxes with a class and a probability each."""

    name: Literal["boxes"] = "boxes"

    def parse(self, data: Dataset) -> Dataset:
        """The same data, which must be annotated with boxes.

        Raises
        ------
        topwork.errors.DataError
            They are not.
        """
        return data if data.targets is None else replace(data, targets=data.boxes)

    def strata(self, targets: BoxTargets) -> NDArray[np.int64]:
        """The rarest class that each image shows; k for an image that shows none.

        Of classes that are shown by equally many images the first counts.

        Examples
        --------
        >>> from topwork.data import ImageBoxes
        >>> box = (0, 0, 9, 9)
        >>> shown = [[0, 0, 1], [0], [], [1, 0], [0]]
        >>> images = tuple(ImageBoxes.of([box] * len(classes), classes) for classes in shown)
        >>> BOXES.strata(BoxTargets(("common", "rare"), images)).tolist()
        [1, 0, 2, 1, 0]
        """
        k, n_images = len(targets.labels), targets.image_counts()
        out = np.full(len(targets), k, np.int64)
        for i, boxes in enumerate(targets.images):
            shown = np.unique(boxes.classes[~boxes.ignored])
            if len(shown):
                out[i] = shown[n_images[shown].argmin()]
        return out

    def constant(self, targets: BoxTargets) -> list[Detections]:
        """The prediction that looks at no image: nothing is found in any."""
        return [Detections.none()] * len(targets)

    def losses(self, targets: BoxTargets, detections: Sequence[Detections]) -> NDArray[np.float64]:
        """One minus each image's part in the mean average precision at overlap 0.5, ``(n,)``.

        These average to one minus the score, and their paired differences tell models apart as
        losses of single items do (jackknife pseudo-values).

        Raises
        ------
        topwork.errors.DataError
            There are no objects.
        """
        matches = match_detections(targets, detections, overlaps=(0.5,))
        return np.asarray(1 - image_precision(matches))

    def scores(
        self,
        targets: BoxTargets,
        detections: Sequence[Detections],
        *,
        groups: ArrayLike | None = None,
    ) -> DetectionScores:
        """Average precision and recall of out-of-fold detections of each image, n.

        Raises
        ------
        topwork.errors.DataError
            There are no objects.

        Examples
        --------
        >>> from topwork.data import ImageBoxes
        >>> targets = BoxTargets(("cell",), (ImageBoxes.of([(0, 0, 9, 9)], [0]),) * 9)
        >>> BOXES.scores(targets, BOXES.constant(targets)).ap50.value
        0.0
        """
        return detection_scores(targets, detections, groups, cross_validated=True)


BOXES = BoxTask()
