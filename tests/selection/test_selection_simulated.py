"""The search as a whole, on candidates whose true gain is known."""

from __future__ import annotations

import numpy as np

from benchmarks.selection import LOST, Truth, repeat


def test_a_race_seldom_loses_and_keeps_most_of_the_gain() -> None:
    rng = np.random.default_rng(0)
    found = np.array(
        [repeat(n, Truth(0.0, 0.02, 0.01), rng) for n in (100, 300, 1000) for _ in range(120)]
    )
    race, rule, one_fold = found.T
    assert np.mean(race < -LOST) <= 0.01
    assert race.mean() >= 0.75 * rule.mean()
    assert np.mean(one_fold < -LOST) > np.mean(race < -LOST)
    assert race.mean() > one_fold.mean()
