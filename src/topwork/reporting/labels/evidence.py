"""What a fit of several labels found, before it is written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.data import LabelTargets
from topwork.quality import Duplicates, Families, Findings
from topwork.tasks.labels.miss import LabelMiss
from topwork.tasks.labels.task import LabelAnswers
from topwork.trials.labels.candidates import LabelCandidate, LabelModelParts, LabelSelection


@dataclass(frozen=True, eq=False, slots=True)
class LabelsEvidence:
    """Everything that is known after a fit of several labels on n items.

    Parameters
    ----------
    asked
        The backbone that was asked for.
    candidates
        Baselines and the transfer, from simple to complex; the last is the transfer.
    selection
        Which of them is used.
    made
        That one on all items.
    answers
        Out-of-fold, at the thresholds of the other folds, moved as ``miss`` says.
    thresholds
        Of the model, (L,), moved as ``miss`` says.
    miss
        How many labels are missed at most; None where that was not asked for.
    folds, groups
        ``(n,)``.
    sketches
        Images in 99 bytes each, ``(n, 99)``.
    """

    asked: str
    candidates: Sequence[LabelCandidate]
    selection: LabelSelection
    made: LabelModelParts
    answers: LabelAnswers
    thresholds: NDArray[np.float64]
    miss: LabelMiss | None
    folds: NDArray[np.integer]
    groups: NDArray[np.integer]
    duplicates: Duplicates
    families: Families | None
    findings: Findings
    sketches: NDArray[np.int8] | None

    @property
    def transfer(self) -> LabelCandidate:
        """What was asked for."""
        return self.candidates[-1]

    @property
    def chosen(self) -> LabelCandidate:
        """What is used."""
        return self.candidates[self.selection.chosen]

    @property
    def targets(self) -> LabelTargets:
        """The true labels."""
        return self.transfer.targets
