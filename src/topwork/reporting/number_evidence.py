"""What a fit of numbers found, before it is written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.quality import Duplicates, Families, Findings
from topwork.trials.number_candidates import NumberCandidate, NumberModelParts, NumberSelection


@dataclass(frozen=True, eq=False, slots=True)
class NumberEvidence:
    """Everything that is known after a fit of numbers on n items.

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
    folds, groups
        ``(n,)``.
    sketches
        Images in 99 bytes each, ``(n, 99)``.
    """

    asked: str
    candidates: Sequence[NumberCandidate]
    selection: NumberSelection
    made: NumberModelParts
    folds: NDArray[np.integer]
    groups: NDArray[np.integer]
    duplicates: Duplicates
    families: Families | None
    findings: Findings
    sketches: NDArray[np.int8] | None

    @property
    def transfer(self) -> NumberCandidate:
        """What was asked for."""
        return self.candidates[-1]

    @property
    def chosen(self) -> NumberCandidate:
        """What is used."""
        return self.candidates[self.selection.chosen]

    @property
    def ends(self) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        """Ends of the intervals of the n items by the model on all; None where none is promised."""
        outputs = self.made.head.logits(self.made.frozen.features).astype(np.float64)
        return self.made.intervals.around(self.made.transform, outputs[:, 0], outputs[:, 1])
