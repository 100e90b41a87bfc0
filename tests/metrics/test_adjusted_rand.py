"""The adjusted Rand index, and how often its interval holds the true one."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score as reference

from topwork.metrics.adjusted_rand import adjusted_rand, adjusted_rand_score


@pytest.mark.parametrize("seed", range(5))
def test_it_is_that_of_scikit_learn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    first, second = rng.integers(3, size=80), rng.integers(5, size=80)
    second = np.where(rng.random(80) < seed / 5, first, second)
    table = np.zeros((3, 5), int)
    np.add.at(table, (first, second), 1)
    assert adjusted_rand(table) == pytest.approx(reference(first, second))


def test_its_interval_holds_that_of_the_population_in_19_of_20_samples() -> None:
    shares = np.array([[0.3, 0.1, 0.0], [0.05, 0.25, 0.1], [0.0, 0.05, 0.15]])
    true = adjusted_rand((shares * 1_000_000).round().astype(int))
    rng = np.random.default_rng(0)
    samples = rng.multinomial(200, shares.ravel(), size=400).reshape(-1, 3, 3)
    scores = [adjusted_rand_score(sample) for sample in samples]
    held = np.mean([s.low <= true <= s.high for s in scores])
    assert 0.92 <= held <= 0.98
