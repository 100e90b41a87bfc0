"""What a head on stored features says about items, whatever it predicts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.data import Rejected
from topwork.features.remarks import RemarkRecord
from topwork.model.prediction_table import PredictionTable, Row


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class HeadPredictions(PredictionTable[Row]):
    """Predictions for the items that could be read, in the order of the items.

    Parameters
    ----------
    kept
        Positions of the m items that could be read.
    names, keys
        What those are called, and their content keys.
    rejected
        The other items, each with its reason.
    cut_short
        How many were too long for the network to see all of them.
    remarks
        How some of the items were read, otherwise than their owner may think.
    features
        ``(m, d)``, where they were asked for.
    """

    kept: list[int]
    names: list[str]
    keys: list[bytes]
    rejected: list[Rejected]
    cut_short: int = 0
    remarks: tuple[RemarkRecord, ...] = ()
    features: NDArray[np.float32] | None = None
