"""What a fit of boxes found, before it is written down."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from topwork.data import BoxTargets
from topwork.intake.survey import Survey
from topwork.metrics.detection.detections import Detections
from topwork.quality import Duplicates, Families, Findings
from topwork.trials.detection.cross_fitting import CrossFit
from topwork.trials.detection.maps import MappedImages
from topwork.trials.detection.plan import DetectionPlan


@dataclass(frozen=True, eq=False)
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
        Slope and intercept of the probability that a box is right, on the logit of its score.
    threshold
        Least probability of a box that is predicted.
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
    calibration: tuple[float, float]
    threshold: float
    duplicates: Duplicates
    families: Families | None
    findings: Findings
    survey: Survey

    @property
    def targets(self) -> BoxTargets:
        """The objects of the n images."""
        return self.mapped.data.boxes

    @cached_property
    def detections(self) -> list[Detections]:
        """What was found in each image held out; scores are probabilities."""
        from topwork.model.detection.model import calibrated

        slope, intercept = self.calibration
        return [
            one.rescored(calibrated(one.scores.astype(np.float64), slope, intercept))
            for one in self.fitted.detections
        ]
