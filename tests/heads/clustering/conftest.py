"""Rows with groups, and rows in another order."""

from __future__ import annotations

import numpy as np
import pytest

from topwork.heads.clustering import half_whitened


@pytest.fixture
def planted():
    """Draws (n, d) of k equal spherical groups at random places, and their codes."""

    def draw(n, d, k, *, apart=6.0, seed=0):
        rng = np.random.default_rng(seed)
        codes = rng.permutation(np.arange(n) % k)
        centres = rng.standard_normal((k, d)) * apart / np.sqrt(2 * d)
        return (centres[codes] + rng.standard_normal((n, d))).astype(np.float32), codes

    return draw


@pytest.fixture
def unit_rows(planted):
    """Rows of four groups in the space that they define, and their codes."""
    X, codes = planted(240, 48, 4, apart=9.0)
    return half_whitened(X).transform(X), codes
