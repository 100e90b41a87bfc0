"""Evidence of what boxes show is the same ridge for few boxes and for many."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from topwork.calibration.detection.class_evidence import FoldedEvidence


@pytest.mark.parametrize("n", [60, 400])  # fewer and more boxes than features
def test_it_is_a_ridge_on_the_other_folds(n):
    rng = np.random.default_rng(0)
    features, shown = rng.normal(size=(n, 90)), rng.integers(0, 4, n)
    judged, folds = rng.random(n) < 0.9, np.arange(n) % 3
    folded = FoldedEvidence(features, shown, judged=judged, folds=folds, n_classes=3)
    kept, own = judged & (folds != 1), folds == 1
    rows = (features - folded.mean) / folded.scale
    expected = Ridge(alpha=30.0).fit(rows[kept], np.eye(4)[shown[kept]]).predict(rows[own])
    found = folded.scores(folded.weights([1], 30.0), own)
    assert found == pytest.approx(expected, abs=1e-3)
