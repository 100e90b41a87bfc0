"""What every rung of the ladder stands on."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.data import Dataset
from topwork.features import Steps
from topwork.intake.unlabelled import Unlabelled
from topwork.search.scratch import Scratch
from topwork.settings import FitSettings
from topwork.trials.comparison import ModelComparison


@dataclass(frozen=True, slots=True)
class SearchContext:
    """What every rung stands on.

    Parameters
    ----------
    data
        The readable items.
    comparison
        Their folds and groups.
    deadline
        On the monotonic clock; a rung that would pass it is not begun.
    scratch
        Where finished fits and checkpoints are kept until the model is there.
    unlabelled
        Items without labels, where the user gave some.
    """

    data: Dataset
    comparison: ModelComparison
    settings: FitSettings
    deadline: float
    steps: Steps
    scratch: Scratch
    unlabelled: Unlabelled | None = None

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return self.deadline - time.monotonic()

    @property
    def folds(self) -> NDArray[np.integer]:
        """Of the first division, ``(n,)``."""
        first: NDArray[np.integer] = self.comparison.folds[0]
        return first
