"""What a model says about items."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.data import Rejected
from topwork.evaluation.cost import decide
from topwork.features.remarks import RemarkRecord


@dataclass(frozen=True, slots=True)
class Predictions:
    """Answers for the items that could be read, in the order of the items.

    Parameters
    ----------
    kept
        Positions of the m items that could be read.
    names, keys
        What those are called, and their content keys.
    logits
        ``(m, k)``, before the temperature.
    probabilities
        ``(m, k)``.
    features
        ``(m, d)``.
    unknown
        Whether each looks like none of the classes, ``(m,)``.
    sets
        Which classes are credible for each, ``(m, k)``.
    threshold
        Of two classes the second is said from this probability on, where errors cost differently.
    rejected
        The other items, each with its reason.
    cut_short
        How many were too long for the network to see all of them.
    remarks
        How some of the items were read, otherwise than their owner may think.
    """

    kept: list[int]
    names: list[str]
    keys: list[bytes]
    logits: NDArray[np.float32]
    probabilities: NDArray[np.float32]
    features: NDArray[np.float32]
    unknown: NDArray[np.bool_]
    sets: NDArray[np.bool_]
    rejected: list[Rejected]
    threshold: float | None = None
    cut_short: int = 0
    remarks: tuple[RemarkRecord, ...] = ()

    def __len__(self) -> int:
        return len(self.kept)

    @property
    def codes(self) -> NDArray[np.int64]:
        """The class that is said of each, ``(m,)``."""
        return decide(self.probabilities, self.threshold) if len(self) else np.empty(0, np.int64)

    def top(self, position: int, n: int = 5) -> list[tuple[int, float]]:
        """The n most probable classes of one item, with their probabilities."""
        row = self.probabilities[position]
        return [(int(c), float(row[c])) for c in np.argsort(-row, kind="stable")[:n]]
