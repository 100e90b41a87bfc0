"""What a fit of boxes found, before it is written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.data import BoxTargets
from topwork.intake.survey import Survey
from topwork.metrics.detection.detections import Detections
from topwork.model.detection.judged import JudgedBoxes
from topwork.quality import Duplicates, Families, Findings
from topwork.search.detectors import DetectorSearch
from topwork.selection.choice import Selection
from topwork.trials.detection.crops import CropNetwork
from topwork.trials.detection.maps import MappedImages
from topwork.trials.detection.plan import DetectionPlan
from topwork.trials.detection.thresholds import Thresholded
from topwork.trials.detection.trial import DetectorTrial


@dataclass(frozen=True, eq=False, slots=True)
class DetectionEvidence:
    """Everything that is known after a fit of boxes on n images.

    Parameters
    ----------
    asked
        The backbone that was asked for.
    search
        The detectors that were tried.
    chosen
        The one that is used.
    selection
        Why; None where there was one only.
    groups, strata
        ``(n,)``.
    thresholded
        How scores become probabilities, and from which one on boxes are predicted.
    crops
        What looks at crops of the boxes again, if the second look does.
    survey
        The images as they were looked at first.
    """

    asked: str
    search: DetectorSearch
    chosen: DetectorTrial
    selection: Selection | None
    groups: NDArray[np.integer]
    strata: NDArray[np.integer]
    thresholded: Thresholded
    duplicates: Duplicates
    families: Families | None
    findings: Findings
    crops: CropNetwork
    survey: Survey

    @property
    def mapped(self) -> MappedImages:
        """The images, their boxes and maps, as the detector sees them."""
        return self.chosen.mapped

    @property
    def network(self) -> str:
        """The name of the network that is used."""
        return self.chosen.network_name

    @property
    def plan(self) -> DetectionPlan:
        """What the detector sees, and how it was trained."""
        return self.chosen.fitted.plan

    @property
    def folds(self) -> NDArray[np.integer]:
        """Fold of each image, ``(n,)``."""
        return self.search.folds

    @property
    def targets(self) -> BoxTargets:
        """The objects of the n images."""
        return self.mapped.data.boxes

    @property
    def detections(self) -> Sequence[Detections]:
        """What was found in each image held out; scores are probabilities."""
        return self.thresholded.detections

    @property
    def threshold(self) -> float:
        """Least probability of a box that is predicted."""
        return self.thresholded.threshold

    def judged(self) -> JudgedBoxes:
        """The images held out, with their objects and what was found."""
        data = self.mapped.data
        return JudgedBoxes.of(
            data.kind,
            data.items,
            self.mapped.sizes,
            self.targets,
            self.detections,
            threshold=self.threshold,
        )
