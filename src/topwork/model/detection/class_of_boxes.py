"""How well the objects of each class are found."""

from __future__ import annotations

import numpy as np
from pydantic import BaseModel, ConfigDict

from topwork.data import BoxTargets
from topwork.metrics.detection.average_precision import average_precision
from topwork.metrics.detection.matching import Matches


class ClassOfBoxes(BaseModel):
    """One class of objects.

    Attributes
    ----------
    n_objects, n_images
        Objects, and images that show at least one.
    ap50
        Average precision at an overlap of half; ``null`` where no image shows one.
    """

    model_config = ConfigDict(frozen=True)

    label: str
    n_objects: int
    n_images: int
    ap50: float | None


def classes_of_boxes(targets: BoxTargets, matches: Matches) -> list[ClassOfBoxes]:
    """Each of the k classes, in the order of the labels."""
    precision = average_precision(matches)[0]
    counts, images = targets.counts(), targets.image_counts()
    return [
        ClassOfBoxes(
            label=label,
            n_objects=int(counts[i]),
            n_images=int(images[i]),
            ap50=float(precision[i]) if counts[i] and np.isfinite(precision[i]) else None,
        )
        for i, label in enumerate(targets.labels)
    ]
