"""How much of what is there is missed, by the score that finding it takes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.errors import DataError, ParameterError
from topwork.metrics.intervals import Units

Float64 = NDArray[np.float64]
ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class MissCurve:
    """The mean share missed of an item's objects or labels, at every score of a found one.

    Parameters
    ----------
    items
        Those that have any, (i,).
    scores, risks
        Descending scores of found ones, and the mean share missed at each, (s,).
    units
        What varies independently among the items that have any.
    """

    items: NDArray[np.intp]
    scores: Float64
    risks: Float64
    units: Units

    @classmethod
    def of(
        cls, scores: Float64, item: NDArray[np.intp], units: Units, *, what: str = "object"
    ) -> MissCurve:
        """The curve of c objects or labels that are there.

        Parameters
        ----------
        scores, item
            Score that each was found with, -inf where it wasn't, and whose it is, (c,).
        what
            They are.

        Raises
        ------
        DataError
            There are none.
        """
        if len(scores) == 0:
            raise DataError(
                f"There are no {what}s to find a threshold by.",
                remedy=f"Give at least one item with a {what}.",
            )
        items, places, counts = np.unique(item, return_inverse=True, return_counts=True)
        order = np.argsort(-scores, kind="stable")
        order = order[np.isfinite(scores[order])]
        gained = np.cumsum(1 / counts[places[order]]) / len(items)
        last = np.flatnonzero(np.r_[np.diff(scores[order]) != 0, True][: len(order)])
        return cls(
            items=items,
            scores=scores[order][last],
            risks=1 - gained[last],
            units=Units.of(len(items), units.members[items]),
        )

    def highest(self, miss: float) -> float | None:
        """The highest score at which a new item misses at most that share; None where none does.

        Conformal risk control: with the mean share missed R̂ of m independent items, the largest λ
        with ``m/(m + 1) R̂(λ) + 1/(m + 1) ≤ α``. The expected share missed of a new item lies
        between α − 2/(m + 1) and α. With groups m is (Σ size)² / Σ size².

        Raises
        ------
        ParameterError
            The share is not between 0 and 1.

        References
        ----------
        Angelopoulos, Bates, Fisch, Lei and Schuster 2024, Conformal risk control, theorem 1 and
        proposition 2.

        Examples
        --------
        >>> scores = np.arange(1, 20) / 20
        >>> curve = MissCurve.of(scores, np.arange(19), Units.of(19))
        >>> curve.highest(0.2), curve.highest(0.02) is None
        (0.2, True)
        """
        if not 0 < miss < 1:
            raise ParameterError(
                f"miss is {miss}, expected a number between 0 and 1.",
                remedy="For thresholds that miss one in ten give 0.1.",
            )
        m = self.units.independent
        bounds = (m * self.risks + 1) / (m + 1)
        place = int(np.searchsorted(-bounds, -(miss + ROUNDING)))
        return None if place == len(bounds) else float(self.scores[place])

    def needed(self, miss: float) -> int | None:
        """Items that would be enough for it; None where more of them wouldn't help."""
        least = float(self.risks.min(initial=1.0))
        return None if least >= miss else math.ceil((1 - miss) / (miss - least) - ROUNDING)
