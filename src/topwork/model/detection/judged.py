"""Images with what is there and what was found, to count, show and list errors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from topwork.data import BoxTargets, Item, Modality
from topwork.metrics.detection.detections import Detections
from topwork.metrics.detection.false_detections import KINDS, diagnose
from topwork.metrics.detection.matching import Matches, match_detections


class BoxError(NamedTuple):
    """A false box, or an object that was missed.

    Attributes
    ----------
    path
        The image.
    error
        One of the kinds of false detections, or ``missed``.
    label, probability
        Of the false box; None for a missed object.
    corners
        Of the false box or the missed object: x1, y1, x2, y2 in pixels of the upright image.
    object
        Class of the object that the box lies on or that was missed; None for none.
    """

    path: str
    error: str
    label: str | None
    probability: float | None
    corners: tuple[float, float, float, float]
    object: str | None


@dataclass(frozen=True, eq=False, slots=True)
class JudgedBoxes:
    """Detections in n images beside the objects of these.

    Parameters
    ----------
    kind
        How the images are read.
    items, sizes
        The images, and their widths and heights in pixels.
    targets
        Their objects, in the classes of the model.
    detections
        What was found in each, down to low probabilities.
    matches
        Which detection has which object.
    threshold
        Least probability of a box that is predicted.
    """

    kind: Modality
    items: Sequence[Item]
    sizes: Sequence[tuple[int, int]]
    targets: BoxTargets
    detections: Sequence[Detections]
    matches: Matches
    threshold: float

    @classmethod
    def of(
        cls,
        kind: Modality,
        items: Sequence[Item],
        sizes: Sequence[tuple[int, int]],
        targets: BoxTargets,
        detections: Sequence[Detections],
        *,
        threshold: float,
    ) -> JudgedBoxes:
        """Match detections to objects once, for all that is said of them."""
        matches = match_detections(targets, detections)
        return cls(kind, items, sizes, targets, detections, matches, threshold)

    def error_counts(self) -> NDArray[np.int64]:
        """False boxes and missed objects of each image at the threshold, ``(n, 2)``."""
        found, n = diagnose(self.matches, threshold=self.threshold), len(self.items)
        flat = self.matches.flat
        false = np.bincount(flat.found.image[found.kind >= 0], minlength=n)
        missed = np.bincount(flat.objects.image[found.missed], minlength=n)
        return np.stack([false, missed], axis=1).astype(np.int64)

    def errors(self) -> Iterator[BoxError]:
        """Every error at the threshold: the most probable false box first, then missed objects."""
        found, flat = diagnose(self.matches, threshold=self.threshold), self.matches.flat
        labels = self.targets.labels
        false = np.flatnonzero(found.kind >= 0)
        for i in false[np.argsort(-flat.scores[false], kind="stable")]:
            place = int(found.item[i])
            yield BoxError(
                self.items[flat.found.image[i]].name,
                KINDS[found.kind[i]],
                labels[flat.found.classes[i]],
                float(flat.scores[i]),
                _corners(flat.found.corners[i]),
                labels[flat.objects.classes[place]] if place >= 0 else None,
            )
        for i in np.flatnonzero(found.missed):
            name, label = self.items[flat.objects.image[i]].name, labels[flat.objects.classes[i]]
            yield BoxError(name, "missed", None, None, _corners(flat.objects.corners[i]), label)


def _corners(row: NDArray[np.floating]) -> tuple[float, float, float, float]:
    x1, y1, x2, y2 = (round(float(value), 2) for value in row)
    return x1, y1, x2, y2
