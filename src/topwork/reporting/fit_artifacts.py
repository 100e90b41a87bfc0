"""Everything that a fit measured, before it becomes a record, a model and a report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.calibration.cost import decide
from topwork.diagnosis.thorough import Diagnostics
from topwork.intake.families import FamilyCheck
from topwork.intake.unlabelled import Unlabelled
from topwork.metrics import Judgement
from topwork.metrics.screening import Screening
from topwork.quality import Duplicates, Findings
from topwork.reporting.continual_artifacts import ContinualArtifacts
from topwork.search.ladder import RungRecord
from topwork.selection.choice import Selection
from topwork.trials.calibrated import Calibrated
from topwork.trials.costs import CostChoice
from topwork.trials.domains.left_out_domains import LeftOutDomains
from topwork.trials.gains.column_gain import ColumnGain
from topwork.trials.gains.transfer_gain import TransferGain
from topwork.trials.trial import Trial
from topwork.validation.learning_curve import LearningCurve


@dataclass(frozen=True, slots=True)
class FitArtifacts:
    """What was measured on the n readable items.

    Parameters
    ----------
    asked
        The backbone as the user named it.
    transfer
        The trial that the user asked for.
    trials
        All trials, from simple to complex: baselines, the transfer, rungs above it.
    chosen
        The selected one.
    folds
        Of each item in each division, ``(r, n)``.
    groups
        What must not be split, ``(n,)``.
    rungs
        What the ladder did above the transfer.
    costs
        Which of two classes to say in view of what errors cost.
    judgement
        Of the selected trial; ``None`` where there is nothing to judge by.
    diagnostics
        What only a thorough fit finds out.
    learning_curve
        What more labels would bring, where that was measured.
    continual_part
        What only a fit that goes on from a model knows; its first items are rows which that one
        stores.
    unlabelled
        The items without labels, where the user gave some.
    families
        Items that seem to come from the same originals, where there are any.
    columns
        What columns beside the items add, where there are any.
    left_out_domains
        What the transfer scores on domains that it was not fitted on, where there are any.
    screening
        Two classes as a test for one of them.
    sketches
        Images in 99 bytes each, ``(n, 99)``, for the model to know altered copies by.
    """

    asked: str
    transfer: Trial
    trials: Sequence[Trial]
    chosen: Trial
    folds: NDArray[np.integer]
    groups: NDArray[np.int64]
    duplicates: Duplicates
    findings: Findings
    choice: Selection | None
    transfer_gain: TransferGain | None
    rungs: Sequence[RungRecord]
    calibrated: Calibrated
    costs: CostChoice | None
    judgement: Judgement | None
    diagnostics: Diagnostics | None
    learning_curve: LearningCurve | None = None
    continual_part: ContinualArtifacts | None = None
    unlabelled: Unlabelled | None = None
    families: FamilyCheck | None = None
    sketches: NDArray[np.int8] | None = None
    cost_table: NDArray[np.float64] | None = None
    columns: ColumnGain | None = None
    screening: Screening | None = None
    left_out_domains: LeftOutDomains | None = None

    @property
    def predicted(self) -> NDArray[np.int64]:
        """What the selected trial says of each held-out item that it was judged on, ``(m,)``."""
        threshold = self.costs.threshold if self.costs else None
        return decide(self.calibrated.probabilities, threshold)
