"""Intervals of pairwise precision and recall hold the true ones."""

from __future__ import annotations

import numpy as np

from topwork.metrics.pairwise import JudgedPairs, pairwise_scores


def test_intervals_hold_the_truth_in_19_of_20_audits() -> None:
    rng = np.random.default_rng(0)
    inside, outside, p_inside, p_outside = 10_000, 90_000, 0.85, 0.05
    recall = inside * p_inside / (inside * p_inside + outside * p_outside)
    held = np.zeros(2)
    for _ in range(400):
        found = pairwise_scores(
            JudgedPairs(30, int(rng.binomial(30, p_inside)), inside),
            JudgedPairs(30, int(rng.binomial(30, p_outside)), outside),
        )
        held += [s.low <= t <= s.high for s, t in zip(found, (p_inside, recall), strict=True)]
    assert (held / 400 >= 0.92).all()
