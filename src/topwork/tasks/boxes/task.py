"""Boxes around the objects of each image."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from topwork.data import BoxTargets, Dataset


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


BOXES = BoxTask()
