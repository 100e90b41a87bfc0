"""What every rung of the ladder stands on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.data import Dataset
from topwork.features import Steps
from topwork.inductive.settings import FitSettings


@dataclass(frozen=True, slots=True)
class Ground:
    """What every rung stands on.

    Parameters
    ----------
    data
        The readable items.
    folds, groups
        ``(r, n)`` and ``(n,)``.
    deadline
        On the monotonic clock; a rung that would pass it is not begun.
    """

    data: Dataset
    folds: NDArray[np.integer]
    groups: NDArray[np.integer]
    settings: FitSettings
    deadline: float
    steps: Steps
