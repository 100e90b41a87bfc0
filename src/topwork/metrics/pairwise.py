"""Precision and recall of pairs of items that a clustering puts together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from topwork.metrics.records import Score

_DRAWS = 4_000


@dataclass(frozen=True, slots=True)
class JudgedPairs:
    """Pairs drawn at random, and how many of them belong together by somebody's judgement.

    Parameters
    ----------
    n, same
        Pairs that were judged, and those that belong together.
    of
        Pairs that they were drawn from.
    """

    n: int
    same: int
    of: int


def pairwise_scores(within: JudgedPairs, between: JudgedPairs) -> tuple[Score, Score]:
    """Pairwise precision and recall with 95 % intervals.

    Precision is the share of pairs inside of clusters that belong together; recall the share of
    the pairs that belong together which are inside of clusters. Intervals are quantiles of draws
    from the two shares' posteriors under Jeffreys' prior.

    Parameters
    ----------
    within, between
        Pairs inside of one cluster, and of two.

    References
    ----------
    Manning, Raghavan and Schütze 2008, Introduction to information retrieval, section 16.3.

    Examples
    --------
    >>> precision, recall = pairwise_scores(JudgedPairs(30, 27, 1000), JudgedPairs(30, 0, 9000))
    >>> round(precision.value, 2), round(recall.value, 2), recall.low < 0.9
    (0.9, 1.0, True)
    """
    rng = np.random.default_rng(0)
    inside, outside = (
        rng.beta(part.same + 0.5, part.n - part.same + 0.5, _DRAWS) for part in (within, between)
    )
    together = within.of * within.same / within.n
    apart = between.of * between.same / between.n
    shares = within.of * inside / (within.of * inside + between.of * outside)
    value = together / (together + apart) if together + apart else 0.0
    return _score(within.same / within.n, inside), _score(value, shares)


def _score(value: float, draws: np.ndarray) -> Score:
    low, high = np.quantile(draws, (0.025, 0.975))
    return Score(value=value, low=min(float(low), value), high=max(float(high), value))
