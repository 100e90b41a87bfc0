"""What a fit of boxes found, before it is written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.calibration.detection import BoxCalibration, ThresholdChoice
from topwork.data import BoxTargets
from topwork.intake.survey import Survey
from topwork.metrics.detection.detections import Detections
from topwork.quality import Duplicates, Families, Findings
from topwork.trials.detection.cross_fitting import CrossFit
from topwork.trials.detection.maps import MappedImages
from topwork.trials.detection.plan import DetectionPlan


@dataclass(frozen=True, eq=False, slots=True)
class DetectionEvidence:
    """Everything that is known after a fit of boxes on n images.

    Parameters
    ----------
    asked
        The backbone that was asked for.
    mapped
        The images, their boxes and maps.
    plan
        What the detector sees, and how it was trained.
    fitted
        The detector on all images, and what those of the folds found.
    folds, groups, strata
        ``(n,)``.
    calibration
        Makes of a score the probability that the box is right.
    detections
        What was found in each image held out; scores are probabilities.
    threshold
        Least probability of a box that is predicted.
    promises
        What was asked of the threshold, and whether it can be had.
    survey
        The images as they were looked at first.
    """

    asked: str
    mapped: MappedImages
    plan: DetectionPlan
    fitted: CrossFit
    folds: NDArray[np.integer]
    groups: NDArray[np.integer]
    strata: NDArray[np.integer]
    calibration: BoxCalibration
    detections: Sequence[Detections]
    threshold: float
    promises: tuple[ThresholdChoice, ...]
    duplicates: Duplicates
    families: Families | None
    findings: Findings
    survey: Survey

    @property
    def targets(self) -> BoxTargets:
        """The objects of the n images."""
        return self.mapped.data.boxes
