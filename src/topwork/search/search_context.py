"""What every rung of the ladder stands on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.data import Dataset
from topwork.intake.unlabelled import Unlabelled
from topwork.runtime.run_context import RunContext
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
    run
        Settings and progress of the fit, its deadline, and where its fits are kept.
    unlabelled
        Items without labels, where the user gave some.
    """

    data: Dataset
    comparison: ModelComparison
    run: RunContext[FitSettings]
    unlabelled: Unlabelled | None = None

    def too_long(self, seconds: float) -> str:
        """Why there is no time for what takes so many seconds; empty where there is."""
        left = self.run.left
        if seconds <= left:
            return ""
        return f"it would take {seconds:.0f} s, and {max(left, 0):.0f} s are left"

    @property
    def folds(self) -> NDArray[np.integer]:
        """Of the first division, ``(n,)``."""
        first: NDArray[np.integer] = self.comparison.folds[0]
        return first
