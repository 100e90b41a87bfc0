"""Whether the scores of parts have moved as a whole, as another camera or light makes them."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from topwork.calibration.false_alarms import GoodScores
from topwork.metrics.records import Record

MIN_PARTS = 12
"""Of fewer parts nothing is said."""

DEFECTIVE = 0.25
"""Share of the parts that may be defective without being taken for a change of all."""

LEVEL = 0.005
"""How often each direction is seen at most where nothing has changed."""

LOWER = 0.3
"""Lower scores are told of from this share of comparisons on: fewer defects may be found then."""

Float64 = NDArray[np.float64]


class MovedScores(Record):
    """Scores that are higher or lower as a whole than those of good parts.

    Attributes
    ----------
    direction
        Which.
    above
        Share of comparisons of a part with a good part of the fit in which it scores higher, 0 to
        1; of higher ones without the quarter with the largest scores, which may be defective.
    p
        How probable such a share or a more extreme one is at most where nothing has changed.
    n
        Parts that were compared.
    """

    direction: Literal["higher", "lower"]
    above: float
    p: float
    n: int

    @property
    def sentence(self) -> str:
        """What was seen and what it means."""
        if self.direction == "higher":
            return (
                f"The scores of these {self.n} images are higher as a whole than those of the good "
                f"parts of the fit: even without the oddest quarter {100 * self.above:.0f} % of "
                "comparisons, not 50 %. The camera, the light or the parts have changed, so that "
                "the promised rate of false alarms does not hold: fit again on good parts as they "
                "look now."
            )
        return (
            f"The scores of these {self.n} images are lower as a whole than those of the good "
            f"parts of the fit: higher in only {100 * self.above:.0f} % of comparisons, not 50 %. "
            "The images vary less (blur, light, fewer sorts of parts), so that defects may be "
            "missed."
        )


def moved_scores(good: GoodScores, scores: NDArray[np.floating]) -> MovedScores | None:
    """Whether the scores of m new parts have moved as a whole; None where they have not.

    A rank-sum test of the p-values against uniformity, whatever the defective parts among them are
    up to a quarter: for higher scores the largest quarter is left out, which is conservative where
    fewer are defective, and for lower ones defective parts only speak against it.

    Parameters
    ----------
    good
        Held-out scores of the good parts of the fit.
    scores
        ``(m,)``.

    References
    ----------
    Mann and Whitney 1947, On a test of whether one of two random variables is stochastically
    larger than the other.

    Examples
    --------
    >>> good = GoodScores.of(np.arange(60.0), np.arange(60))
    >>> moved_scores(good, np.arange(0.5, 60, 3)) is None
    True
    >>> moved_scores(good, np.arange(40.5, 60, 1)).direction
    'higher'
    """
    m = len(scores)
    if m < MIN_PARTS:
        return None
    above = _above(good, scores)
    kept = np.sort(above)[: m - math.ceil(DEFECTIVE * m)]
    higher, lower = float(kept.mean()), float(above.mean())
    p_higher, p_lower = _tail(higher, good, len(kept)), _tail(1 - lower, good, m)
    if p_higher < LEVEL:
        return MovedScores(direction="higher", above=higher, p=p_higher, n=m)
    if p_lower < LEVEL and lower <= LOWER:
        return MovedScores(direction="lower", above=lower, p=p_lower, n=m)
    return None


def _above(good: GoodScores, scores: NDArray[np.floating]) -> Float64:
    """Share of good parts that each scores above, ties counted by half, ``(m,)``."""
    below = np.concatenate([[0.0], np.cumsum(good.weights)])
    left = np.searchsorted(good.values, scores, side="left")
    right = np.searchsorted(good.values, scores, side="right")
    return np.asarray((below[left] + below[right]) / 2 / below[-1])


def _tail(share: float, good: GoodScores, m: int) -> float:
    n = good.n_groups
    deviation = math.sqrt((n + m + 1) / (12 * n * m))
    return 0.5 * math.erfc((share - 0.5) / deviation / math.sqrt(2))
