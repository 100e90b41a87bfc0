from collections import Counter

import numpy as np
import pytest

from benchmarks.label_shift import N_FOLDS
from topwork.calibration.temperature import fit_temperature
from topwork.errors import DataError
from topwork.heads import fit_logistic, softmax, stratified_folds
from topwork.shift import kind_of_shift as module
from topwork.shift.kind_of_shift import KindOfShift, kind_of_shift, matched_items
from topwork.shift.label_shift import label_shift

K, D, N, M = 4, 12, 160, 160
REPEATS = 4


def found(kind, seed, m=M):
    """What is said of a target whose classes, looks or both have shifted."""
    rng = np.random.default_rng(seed)
    means = rng.standard_normal((K, D)) * 3.5 / np.sqrt(D)
    codes = np.arange(N) % K
    X = means[codes] + rng.standard_normal((N, D))
    shares = np.array([0.6, 0.3, 0.08, 0.02]) if kind in ("classes", "both") else np.full(K, 1 / K)
    theirs = rng.choice(K, m, p=shares)
    target = means[theirs] + rng.standard_normal((m, D))
    if kind in ("covariate_shift", "both"):
        way = rng.standard_normal(D)
        target += 2 * way / np.linalg.norm(way)
    return kind_of_shift(X, codes, target, estimated(X, codes, target, seed), seed=seed)


def estimated(X, codes, target, seed):
    folds = stratified_folds(codes, n_folds=N_FOLDS, seed=0)
    logits = np.empty((N, K), np.float32)
    for fold in range(N_FOLDS):
        kept = folds != fold
        logits[~kept] = fit_logistic(X[kept], codes[kept], K).logits(X[~kept])
    temperature = np.float32(fit_temperature(logits, codes).value)
    p = fit_logistic(X, codes, K).probabilities(target, temperature=float(temperature))
    source = np.full(K, 1 / K)
    return label_shift(p, source, held_out=softmax(logits / temperature), codes=codes, seed=seed)


@pytest.mark.parametrize(
    ("kind", "right", "never"),
    [
        ("none", 3, {"covariate_shift", "both"}),
        ("classes", 3, {"covariate_shift", "both"}),
        ("covariate_shift", 2, {"none", "classes"}),
        ("both", 1, {"none", "classes"}),
    ],
)
def test_kinds_are_told_apart(kind, right, never):
    said = Counter(found(kind, seed).kind for seed in range(REPEATS))
    assert said[kind] >= right
    assert not never & set(said)


def test_it_is_the_same_every_time_and_goes_to_json():
    one = found("classes", 0)
    assert one == found("classes", 0)
    assert KindOfShift.model_validate_json(one.model_dump_json()) == one
    assert one.matched.effect < one.unmatched.effect
    assert "priors" in one.sentence


def test_many_items_are_sampled(monkeypatch):
    monkeypatch.setattr(module, "MAX_COMPARED", 100)
    one = found("none", 1, m=150)
    assert one.covariate_shift.n_second == 100
    assert one.covariate_shift.n_first <= 100


def test_matched_items_have_the_shares():
    codes = np.repeat([0, 1, 2], [100, 50, 50])
    shares = np.array([0.2, 0.3, 0.5])
    some = matched_items(codes, shares, np.random.default_rng(0))
    assert len(set(some)) == len(some)
    assert np.bincount(codes[some]) / len(some) == pytest.approx(shares, abs=0.02)


def test_a_class_of_the_target_that_the_source_lacks_is_left_out():
    some = matched_items(np.zeros(20, int), np.array([0.5, 0.5]), np.random.default_rng(0))
    assert len(some) == 20


def test_nothing_in_common_is_said():
    p = np.tile([[0.0, 1.0]], (40, 1))
    shift = label_shift(p, [0.5, 0.5])
    with pytest.raises(DataError, match="No source item"):
        kind_of_shift(np.ones((20, 3)), np.zeros(20, int), np.ones((40, 3)), shift)
