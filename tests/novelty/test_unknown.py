import os
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from topwork.errors import ParameterError
from topwork.heads import normalise_rows, stratified_folds
from topwork.heads.leading_axes import leading_axes
from topwork.metrics.auroc import auroc
from topwork.novelty.known_space import SHRINKAGE, fit_known_space
from topwork.novelty.unknown import fit_unknown


def drawn(n, k, *, d=40, seed=0, world=0):
    """Features with an offset, uneven variances, and k of 8 classes."""
    means = 1.5 * np.random.default_rng(world).standard_normal((8, d)) + 3
    rng = np.random.default_rng(seed)
    codes = np.arange(n) % k
    return means[codes] + rng.standard_normal((n, d)) * 4 / np.sqrt(1 + np.arange(d)), codes


def test_left_out_classes_are_told_apart():
    X, codes = drawn(800, 8)
    space = fit_known_space(X[codes < 6], codes[codes < 6])
    fresh, true = drawn(800, 8, seed=1)
    assert auroc(space.scores(fresh), true >= 6)[0] > 0.95


@pytest.mark.parametrize(("n", "d"), [(60, 20), (60, 200), (900, 700)])
def test_the_score_is_a_cosine_in_whitened_space(n, d):
    X, codes = drawn(n, 4, d=d)
    space = fit_known_space(X, codes)
    rows = normalise_rows(X).astype(np.float64)
    means = np.stack([rows[codes == c].mean(axis=0) for c in range(4)])
    within = rows - means[codes]
    covariance = within.T @ within / (n - 4)
    axes = space.axes.shape[1]
    values, vectors = np.linalg.eigh(covariance)
    values[: max(0, d - axes)] = 0
    floor = SHRINKAGE * np.trace(covariance) / d
    root = vectors / np.sqrt((1 - SHRINKAGE) * values + floor) @ vectors.T
    one, other = (rows - means.mean(axis=0)) @ root, (means - means.mean(axis=0)) @ root
    one /= np.linalg.norm(one, axis=1, keepdims=True)
    other /= np.linalg.norm(other, axis=1, keepdims=True)
    assert space.scores(X) == pytest.approx(1 - (one @ other.T).max(axis=1), abs=5e-3)


def test_items_and_features_may_be_few():
    space = fit_known_space([[1.0, 0.0], [0.0, 1.0]], np.array([0, 1]))
    assert space.axes.shape == (2, 0)
    assert np.isfinite(space.scores([[0.5, 0.5], [0.0, 0.0]])).all()
    assert np.isfinite(fit_known_space(np.ones((4, 3)), np.array([0, 0, 1, 1])).scores([[1, 2, 3]]))


@pytest.mark.parametrize(("n", "group"), [(100, 1), (400, 1), (400, 4)])
def test_false_alarms_are_as_many_as_stated(n, group):
    alarms = []
    for seed in range(20):
        X, codes = drawn(n, 5, seed=seed, world=seed)
        X, codes = np.repeat(X[: n // group], group, axis=0), np.repeat(codes[: n // group], group)
        X = X + np.random.default_rng(seed).standard_normal(X.shape) * (0.5 if group > 1 else 0)
        groups = np.arange(n) // group
        folds = stratified_folds(codes, groups=groups)
        detector = fit_unknown(X, codes, folds=folds, groups=groups)
        fresh = drawn(1000, 5, seed=seed + 100, world=seed)[0]
        noise = np.random.default_rng(seed).standard_normal(fresh.shape) * (0.5 if group > 1 else 0)
        alarms.append(detector.unknown(fresh + noise).mean())
    assert 0.03 <= np.mean(alarms) <= 0.07


def test_too_few_items_raise_no_alarm():
    X, codes = drawn(18, 2)
    detector = fit_unknown(X, codes, folds=np.arange(18) // 2 % 3)
    assert detector.threshold == np.inf
    assert not detector.unknown(100 * np.eye(40)).any()


def test_a_class_within_one_fold_sets_no_threshold():
    X, codes = drawn(60, 4)
    codes = np.where(np.arange(60) < 3, 4, codes)
    folds = np.where(np.arange(60) < 3, 0, np.arange(60) % 5)
    assert fit_unknown(X, codes, folds=folds).n_items == 57


def test_it_is_the_same_every_time():
    X, codes = drawn(700, 5, d=600)
    one, other = (fit_unknown(X, codes, folds=np.arange(700) // 5 % 5) for _ in range(2))
    assert one.threshold == other.threshold


def test_the_rate_is_a_share():
    with pytest.raises(ParameterError, match="false_alarm_rate"):
        fit_unknown(np.eye(4), np.arange(4) % 2, folds=np.arange(4) // 2, false_alarm_rate=5)


@pytest.mark.parametrize("shape", [(30, 80), (80, 30), (800, 600)])
def test_leading_axes_are_those_of_the_singular_value_decomposition(shape):
    rng = np.random.default_rng(0)
    rows = (rng.standard_normal(shape) / (1 + np.arange(shape[1]))).astype(np.float32)
    axes, squares = leading_axes(rows, 8)
    _, lengths, right = np.linalg.svd(rows.astype(np.float64), full_matrices=False)
    assert squares == pytest.approx(lengths[:8] ** 2, rel=1e-3)
    assert np.abs(np.sum(axes.T * right[:8], axis=1)) == pytest.approx(np.ones(8), abs=0.01)
    assert axes.T @ axes == pytest.approx(np.eye(8), abs=1e-4)


def test_rows_that_do_not_vary_have_no_axes():
    assert leading_axes(np.zeros((5, 3), np.float32), 2)[0].shape == (3, 0)


@pytest.mark.bench_data
def test_left_out_classes_of_photographs_are_told_apart():
    from topwork.data import read
    from topwork.inductive import FitSettings
    from topwork.intake.survey import survey
    from topwork.runtime.run_context import RunContext

    root = os.environ.get("TOPWORK_BENCH_DATA")
    if not root:
        pytest.skip("TOPWORK_BENCH_DATA is not set")
    data = read(Path(root, "pacs-mini", "photo"))
    frozen = survey(data, RunContext(FitSettings(cache=False, baselines=False))).frozen
    X, codes = frozen.features, frozen.data.targets.codes
    outer = stratified_folds(codes)
    known, unknown, alarms = [], [], []
    for i, pair in enumerate(list(combinations(range(7), 2))[::3]):
        out = np.isin(codes, pair)
        test, train = ~out & (outer == i % 5), ~out & (outer != i % 5)
        folds = stratified_folds(codes[train])
        detector = fit_unknown(X[train], codes[train], folds=folds)
        known.append(detector.space.scores(X[test]))
        unknown.append(detector.space.scores(X[out]))
        alarms.append(detector.unknown(X[test]))
    scores = np.concatenate(known + unknown)
    assert auroc(scores, np.arange(len(scores)) >= sum(map(len, known)))[0] >= 0.9
    assert 0.03 <= np.concatenate(alarms).mean() <= 0.08
