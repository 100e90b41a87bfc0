"""Clustered features for the heads."""

from __future__ import annotations

import numpy as np
import pytest


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def clustered():
    """Draws non-negative features (n, d) in k overlapping clusters, and their codes."""

    def draw(n, d, k, *, seed=0, spread=1.0):
        rng = np.random.default_rng(seed)
        codes = rng.permutation(np.arange(n) % k)
        centres = rng.standard_normal((k, d))
        X = np.maximum(spread * centres[codes] + 1.5 * rng.standard_normal((n, d)), 0)
        return X.astype(np.float32), codes

    return draw
