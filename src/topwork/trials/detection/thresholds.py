"""From which probability on boxes are predicted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.calibration.detection import (
    BoxProbability,
    ThresholdChoice,
    common_threshold,
    threshold_for_false,
    threshold_for_miss,
)
from topwork.data import BoxTargets
from topwork.metrics.detection import Detections, match_detections
from topwork.metrics.detection.matching import Matches
from topwork.metrics.intervals import Units
from topwork.settings import DetectionSettings

Groups = NDArray[np.integer]


@dataclass(frozen=True, eq=False, slots=True)
class Thresholded:
    """How scores become probabilities, and the threshold.

    Parameters
    ----------
    probability
        Chosen on detections of images held out; holds them with their probabilities.
    promises
        What was asked of the threshold, and whether it can be had.
    """

    probability: BoxProbability
    threshold: float
    promises: tuple[ThresholdChoice, ...]

    @property
    def detections(self) -> tuple[Detections, ...]:
        """Of each image held out; scores are probabilities."""
        return self.probability.detections


def with_threshold(
    targets: BoxTargets, probability: BoxProbability, settings: DetectionSettings, *, groups: Groups
) -> Thresholded:
    """Choose the threshold on images held out.

    Parameters
    ----------
    targets
        Of n images.
    probability
        With their detections.
    groups
        What varies together, ``(n,)``.
    """
    matches = match_detections(targets, probability.detections, overlaps=(0.5,))
    promises = _promises(matches, settings, Units.of(len(targets), groups))
    asked = _kept(promises)
    threshold = balanced_threshold(matches) if asked is None else asked
    return Thresholded(probability, threshold, promises)


def _promises(
    matches: Matches, settings: DetectionSettings, units: Units
) -> tuple[ThresholdChoice, ...]:
    found = []
    if settings.miss is not None:
        found.append(threshold_for_miss(matches, settings.miss, units=units))
    if settings.false_per_image is not None:
        found.append(threshold_for_false(matches, settings.false_per_image, units=units))
    return tuple(found)


def _kept(promises: tuple[ThresholdChoice, ...]) -> float | None:
    """A threshold that keeps what was asked for; None where none does, or nothing was."""
    possible = [choice for choice in promises if choice.threshold is not None]
    if len(possible) == 2:
        return common_threshold(*possible)
    return possible[0].threshold if possible else None


def balanced_threshold(matches: Matches) -> float:
    """The score with the best harmonic mean of precision and recall.

    Examples
    --------
    >>> from topwork.data import ImageBoxes
    >>> targets = BoxTargets(("ace",), (ImageBoxes.of([(0, 0, 9, 9)], [0]),))
    >>> found = Detections.of([[0, 0, 9, 9], [20, 20, 29, 29]], [0, 0], [0.75, 0.25])
    >>> balanced_threshold(match_detections(targets, [found]))
    0.75
    """
    scores, right, ignored = matches.flat.scores, matches.right[0], matches.ignored[0]
    order = np.argsort(-scores, kind="stable")
    order = order[~ignored[order]]
    if not len(order):
        return 0.5
    found = np.cumsum(right[order])
    f1 = 2 * found / (np.arange(1, len(order) + 1) + matches.objects().sum())
    return float(scores[order[int(f1.argmax())]])
