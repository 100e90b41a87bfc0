"""Everything that a fit measured, before it becomes a record, a model and a report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.evaluation import Judgement
from topwork.evaluation.choice import Verdict
from topwork.inductive.benefit import Benefit
from topwork.inductive.calibrated import Calibrated
from topwork.inductive.trial import Trial
from topwork.quality import Duplicates


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was measured on the n readable items.

    Parameters
    ----------
    transfer
        The trial that the user asked for.
    trials
        All trials, from simple to complex; the transfer is the last.
    chosen
        The one that ships.
    folds, groups
        ``(n,)``: fold of each item, and what must not be split.
    thumbnails
        ``(n, side, side)``.
    judgement
        Of the trial that ships; ``None`` where there is nothing to judge by.
    """

    transfer: Trial
    trials: Sequence[Trial]
    chosen: Trial
    folds: NDArray[np.integer]
    groups: NDArray[np.int64]
    duplicates: Duplicates
    thumbnails: NDArray[np.uint8]
    choice: Verdict | None
    benefit: Benefit | None
    calibrated: Calibrated
    judgement: Judgement | None
