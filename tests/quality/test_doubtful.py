"""Confident learning, held against cleanlab's and against labels that were flipped."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.metrics import roc_auc_score

from topwork.errors import ParameterError
from topwork.heads import stratified_folds
from topwork.quality import doubt_labels
from topwork.quality.doubtful import class_thresholds
from topwork.validation import cross_validate_head


def _noisy(seed: int, n: int = 300, k: int = 4) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    codes = np.concatenate([np.arange(k), rng.integers(0, k, n - k)])
    logits = 2 * np.eye(k)[codes] + rng.normal(0, 1, (n, k))
    probabilities = np.exp(logits)
    return probabilities / probabilities.sum(axis=1, keepdims=True), codes


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", range(5))
def test_it_agrees_with_cleanlab(seed: int) -> None:
    from cleanlab import filter as filters
    from cleanlab import rank as ranking

    P, codes = _noisy(seed)
    found = doubt_labels(P, codes)
    theirs = filters.find_label_issues(codes, P, filter_by="confident_learning", n_jobs=1)
    np.testing.assert_array_equal(found.doubtful, theirs)
    scores = ranking.get_label_quality_scores(codes, P, method="self_confidence")
    np.testing.assert_allclose(found.quality, scores)


def test_by_hand() -> None:
    """Of seven items one reaches the threshold of a class that it was not given."""
    P = np.array(
        [
            [0.8, 0.1, 0.1],
            [0.4, 0.3, 0.3],
            [0.2, 0.7, 0.1],
            [1.0, 0.0, 0.0],
            [0.3, 0.7, 0.0],
            [0.2, 0.3, 0.5],
            [0.1, 0.7, 0.2],
        ]
    )
    codes = np.array([0, 0, 0, 0, 1, 2, 1])
    np.testing.assert_allclose(class_thresholds(P, codes), [0.6, 0.7, 0.5])
    found = doubt_labels(P, codes)
    assert found.ranked().tolist() == [2]
    assert found.suggested.tolist() == [0, 0, 1, 0, 1, 2, 1]


def test_flipped_labels_come_first() -> None:
    digits = load_digits()
    rng = np.random.default_rng(0)
    codes = digits.target.copy()
    flipped = rng.permutation(len(codes))[: len(codes) // 20]
    codes[flipped] = (codes[flipped] + rng.integers(1, 10, len(flipped))) % 10
    folds = stratified_folds(codes, n_folds=5, seed=0)
    X = np.float32(digits.data / 16)
    judged = cross_validate_head(X, codes, 10, folds=folds)
    found = doubt_labels(judged.probabilities_oof, codes, judged=judged.seen)
    wrong = codes != digits.target
    assert roc_auc_score(wrong, -found.quality) > 0.95
    assert wrong[found.ranked()[: len(flipped) // 2]].mean() > 0.9
    hits = found.doubtful & wrong
    assert (found.suggested[hits] == digits.target[hits]).mean() > 0.9


def test_what_could_not_be_judged_is_not_doubted() -> None:
    P, codes = _noisy(0)
    judged = np.arange(len(codes)) % 2 == 0
    found = doubt_labels(P, codes, judged=judged)
    assert not found.doubtful[~judged].any()
    assert np.isnan(found.quality[~judged]).all()
    assert (found.suggested[~judged] == codes[~judged]).all()


def test_a_class_without_items_is_never_suggested() -> None:
    P, codes = _noisy(0)
    wider = np.concatenate([P * 0.01, np.full((len(P), 1), 0.99)], axis=1)
    assert (doubt_labels(wider, codes).suggested < 4).all()


def test_shapes_must_agree() -> None:
    P, codes = _noisy(0)
    for wrong in ((P[:-1], codes, None), (P[:, 0], codes, None), (P, codes, np.ones(3, bool))):
        with pytest.raises(ParameterError):
            doubt_labels(wrong[0], wrong[1], judged=wrong[2])
