"""Average precision of each class, and of small, medium and large objects."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from topwork.data.targets.boxes import BoxTargets
from topwork.metrics.detection.detections import Detections
from topwork.metrics.detection.flat import flatten, overlapping
from topwork.metrics.detection.matching import OVERLAPS, SIZES, Matches, match_flat
from topwork.metrics.detection.precision_scores import PrecisionTable
from topwork.metrics.intervals import Units
from topwork.metrics.records import Record, Score


class ClassPrecision(Record):
    """How well the objects of one class are found.

    Parameters
    ----------
    label
        The class.
    n_objects, n_images
        Its objects that count, and the images that show any.
    ap50, ap
        Average precision at an overlap of at least 0.5, and the mean over 0.5, 0.55, … 0.95; None
        without objects.
    """

    label: str
    n_objects: int
    n_images: int
    ap50: Score | None
    ap: Score | None


def class_precisions(
    matches: Matches, labels: Sequence[str], units: Units
) -> tuple[ClassPrecision, ...]:
    """Average precision of each class, with intervals.

    Parameters
    ----------
    matches
        Detections with their objects, at overlaps from 0.5 on.
    labels
        Names of the k classes.
    units
        What varies independently.

    Examples
    --------
    >>> from topwork.data.targets.boxes import ImageBoxes
    >>> from topwork.metrics.detection import match_detections
    >>> targets = BoxTargets(("cat", "dog"), (ImageBoxes.of([(0, 0, 10, 10)], [0]),) * 9)
    >>> found = [Detections.of([(0, 0, 10, 10)], [0], [0.9])] * 9
    >>> cat, dog = class_precisions(
    ...     match_detections(targets, found), targets.labels, Units.of(9)
    ... )
    >>> cat.ap.value, dog.ap
    (1.0, None)
    """
    objects, table = matches.objects(), PrecisionTable.of(matches, units)
    found = []
    for c, label in enumerate(labels):
        n_objects, n_images = int(objects[:, c].sum()), int(np.count_nonzero(objects[:, c]))
        ap50, ap = table.scores(np.arange(len(labels)) == c) if n_objects else (None, None)
        found.append(
            ClassPrecision(label=label, n_objects=n_objects, n_images=n_images, ap50=ap50, ap=ap)
        )
    return tuple(found)


def size_precisions(
    targets: BoxTargets,
    detections: Sequence[Detections],
    *,
    groups: ArrayLike | None = None,
    cross_validated: bool = False,
) -> dict[str, Score | None]:
    """Mean average precision over overlaps 0.5 to 0.95 of small, medium and large objects.

    Small ones have less than 32 × 32 square pixels, large ones more than 96 × 96; None where there
    are none of a size. Parameters are those of ``detection_scores``.

    Examples
    --------
    >>> from topwork.data.targets.boxes import ImageBoxes
    >>> targets = BoxTargets(("cat",), (ImageBoxes.of([(0, 0, 10, 10)], [0]),) * 9)
    >>> found = [Detections.of([(0, 0, 10, 10)], [0], [0.9])] * 9
    >>> {name: score and score.value for name, score in size_precisions(targets, found).items()}
    {'small': 1.0, 'medium': None, 'large': None}
    """
    flat = flatten(targets, detections)
    pairs = overlapping(flat, min(OVERLAPS) - 1e-10)
    units = Units.of(len(targets), groups, cross_validated=cross_validated)
    found: dict[str, Score | None] = {}
    for size in SIZES:
        matches = match_flat(flat, pairs, size=size)
        found[size.name] = (
            PrecisionTable.of(matches, units).scores()[1] if matches.counted.any() else None
        )
    return found
