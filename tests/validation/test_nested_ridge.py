"""Nested cross-validation of the ridge head."""

from __future__ import annotations

import numpy as np
import pytest

from topwork.heads import fit_ridge
from topwork.validation.nested_ridge import NORMALISATIONS, nested_ridge


def _labelled(n: int = 120, d: int = 12, k: int = 4, seed: int = 0):
    rng = np.random.default_rng(seed)
    codes = np.arange(n) % k
    X = rng.normal(size=(n, d)) + 1.2 * rng.normal(size=(k, d))[codes]
    return X.astype(np.float32), codes, np.arange(n) // k % 5


def test_each_folds_scores_are_those_of_the_fit_without_it() -> None:
    X, codes, folds = _labelled()
    found = nested_ridge(X, codes, 4, folds, normalisations=["unit"])
    for i in range(5):
        fit = fit_ridge(X[folds != i], codes[folds != i], 4)
        expected = fit.head.logits(X[folds == i])
        assert found.alphas[i] == pytest.approx(fit.alpha, rel=1e-3)
        np.testing.assert_allclose(found.scores[folds == i], expected, atol=1e-3)


def test_a_folds_choice_does_not_depend_on_the_fold() -> None:
    X, codes, folds = _labelled()
    found = nested_ridge(X, codes, 4, folds)
    changed = X.copy()
    changed[folds == 2] = 1000 * changed[folds == 2][::-1]
    again = nested_ridge(changed, codes, 4, folds)
    assert (found.alphas[2], found.normalisations[2]) == (again.alphas[2], again.normalisations[2])


def test_the_normalisation_that_suits_the_features_is_found() -> None:
    X, codes, folds = _labelled(n=400, d=6)
    rng = np.random.default_rng(1)
    loud = np.hstack([X, 300 * rng.normal(size=(400, 1))]).astype(np.float32)
    assert set(nested_ridge(loud, codes, 4, folds).normalisations) == {"standard"}
    lengths = rng.lognormal(0, 2, (400, 1)).astype(np.float32)
    assert set(nested_ridge(X * lengths, codes, 4, folds).normalisations) == {"unit"}


@pytest.mark.parametrize("normalisation", NORMALISATIONS)
def test_noise_is_right_by_chance(normalisation: str) -> None:
    rng = np.random.default_rng(3)
    codes, folds = np.arange(600) % 3, np.arange(600) // 3 % 5
    X = rng.normal(size=(600, 20)).astype(np.float32)
    scores = nested_ridge(X, codes, 3, folds, normalisations=[normalisation]).scores
    assert (scores.argmax(axis=1) == codes).mean() == pytest.approx(1 / 3, abs=0.08)


def test_groups_are_left_out_whole() -> None:
    X, codes, folds = _labelled(n=120, d=60)
    twice = np.repeat(X, 2, axis=0)
    both = np.repeat(codes, 2), 4, np.repeat(folds, 2)
    alone = nested_ridge(twice, *both, normalisations=["none"])
    together = nested_ridge(
        twice, *both, normalisations=["none"], groups=np.repeat(np.arange(120), 2)
    )
    assert np.mean(np.log(together.alphas)) > np.mean(np.log(alone.alphas))
