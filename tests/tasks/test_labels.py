"""Several labels: heads, folds, thresholds, scores and the promise to miss few."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, f1_score

from topwork.data import LabelTargets
from topwork.errors import DataError, ParameterError
from topwork.heads.label_folds import label_folds
from topwork.heads.linear import normalise_rows
from topwork.heads.one_vs_rest import OneVsRestProblem
from topwork.metrics.average_precision import average_precision
from topwork.tasks.feature_rows import FixedRows
from topwork.tasks.labels.miss import fit_miss, margins_of, missed_shares
from topwork.tasks.labels.nested import LabelRules, nested_labels
from topwork.tasks.labels.scores import label_scores, labels_scores
from topwork.tasks.labels.task import LABELS, LabelAnswers
from topwork.tasks.labels.thresholds import f1_threshold, probability

SHARES = np.array([0.5, 0.25, 0.1, 0.05])


def world(
    n: int, seed: int, *, noise: float = 1.0, d: int = 12, shares: np.ndarray = SHARES
) -> tuple[np.ndarray, np.ndarray]:
    """Features, and labels of these shares that depend on them."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d)).astype(np.float32)
    weight = np.random.default_rng(1).normal(size=(d, len(shares)))
    z = X @ weight / np.linalg.norm(weight, axis=0) + noise * rng.normal(size=(n, len(shares)))
    cuts = [np.sqrt(1 + noise**2) * normal_quantile(1 - share) for share in shares]
    return X, (z > cuts).astype(np.int8)


def normal_quantile(p: float) -> float:
    from statistics import NormalDist

    return NormalDist().inv_cdf(float(p))


def test_each_label_gets_the_head_that_it_would_get_alone() -> None:
    X, y = world(400, 0, d=30)
    problem = OneVsRestProblem.prepare(X, y)
    head = problem.linear(problem.fit(np.arange(400), 10.0, tolerance=1e-8))
    for j in range(4):
        alone = LogisticRegression(C=10.0, tol=1e-8, max_iter=5000)
        alone.fit(normalise_rows(X), y[:, j])
        assert np.allclose(head.weight[:, j], alone.coef_[0], atol=5e-3)
        assert head.bias[j] == pytest.approx(alone.intercept_[0], abs=5e-3)


def test_unknown_cells_count_for_nothing() -> None:
    X, y = world(300, 0)
    known = np.arange(300) < 200
    masked = np.where(known[:, None], y, np.int8(-1))
    rows = np.arange(300)
    problem = OneVsRestProblem.prepare(X, masked)
    of_all = problem.linear(problem.fit(rows, 3.0, tolerance=1e-8))
    of_known = problem.linear(problem.fit(np.flatnonzero(known), 3.0, tolerance=1e-8))
    assert np.allclose(of_all.weight, of_known.weight, atol=2e-3)


def test_a_label_that_all_items_of_a_part_have_is_a_constant() -> None:
    X, y = world(60, 0)
    y[:, 0] = 1
    problem = OneVsRestProblem.prepare(X, y)
    logits = problem.logits(np.arange(60), problem.fit(np.arange(60), 1.0))
    assert np.ptp(logits[:, 0]) < 1e-4
    assert logits[0, 0] > 3


@given(st.integers(0, 10_000), st.integers(2, 5), st.integers(1, 4))
@settings(max_examples=30, deadline=None)
def test_folds_keep_groups_and_spread_labels(seed: int, n_folds: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    y = (rng.random((120, 3)) < [0.5, 0.2, 0.05]).astype(np.int8)
    groups = np.arange(120) // size
    folds = label_folds(y, n_folds=n_folds, groups=groups, seed=seed)
    assert len(np.unique(folds)) == n_folds
    assert all(len(np.unique(folds[groups == g])) == 1 for g in np.unique(groups))
    for j in range(3):
        held = np.bincount(folds[y[:, j] == 1], minlength=n_folds)
        assert np.ptp(held) <= 4 * size + 2
    assert np.array_equal(folds, label_folds(y, n_folds=n_folds, groups=groups, seed=seed))


def test_folds_need_two_groups() -> None:
    with pytest.raises(DataError):
        label_folds(np.ones((4, 1), np.int8), groups=[1, 1, 1, 1])
    with pytest.raises(ParameterError):
        label_folds(np.ones((4, 1), np.int8), n_folds=1)


def test_average_precision_is_that_of_scikit_learn_with_its_standard_error() -> None:
    rng = np.random.default_rng(0)
    values, errors = [], []
    for _ in range(200):
        s = rng.normal(size=300).round(1)
        y = rng.random(300) < probability(2 * s - 1)
        value, influence = average_precision(s, y)
        assert value == pytest.approx(average_precision_score(y, s))
        values.append(value)
        errors.append(np.sqrt(np.square(influence).sum()))
    assert np.std(values) == pytest.approx(np.mean(errors), rel=0.15)


def test_thresholds_raise_macro_f1_above_that_at_one_half() -> None:
    gains = []
    for seed in range(12):
        X, y = world(400, seed)
        found = nested_labels(FixedRows(X), y, LABELS.folds(_targets(y), n_folds=5, seed=seed))
        p = found.probabilities
        tuned, half = (
            f1_score(y, p >= t, average="macro", zero_division=0) for t in (found.thresholds, 0.5)
        )
        gains.append(tuned - half)
    assert np.mean(gains) > 0.03
    assert min(gains) > -0.02


def test_no_constant_is_predicted_where_features_say_nothing() -> None:
    rng = np.random.default_rng(0)
    for share in (0.02, 0.5, 0.9):
        y = (rng.random(300) < share).astype(np.int8)
        p = np.clip(share + 0.01 * rng.normal(size=300), 0.01, 0.99)
        given_to, has = (p >= f1_threshold(p, y)).sum(), y.sum()
        assert has / 2 <= given_to <= (300 + has) / 2
    assert f1_threshold(np.full(40, 0.3), np.ones(40, np.int8)) == 0.5


@pytest.mark.parametrize(("n", "group_size"), [(200, 1), (240, 4)])
def test_intervals_hold_the_scores_of_other_items(n: int, group_size: int) -> None:
    """Of a fixed model: 95 % intervals against the score on very many items."""
    weight = np.random.default_rng(1).normal(size=(12, 4))

    def judged(X: np.ndarray, y: np.ndarray, groups: np.ndarray | None = None):
        p = probability(2 * X @ weight / np.linalg.norm(weight, axis=0) - 1.0)
        return labels_scores(y, p, p >= 0.4, groups=groups)

    truth = judged(*world(40_000, 999))
    inside = dict.fromkeys(type(truth).model_fields, 0)
    repeats = 200
    for seed in range(repeats):
        X, y = world(n // group_size, seed)
        groups = np.repeat(np.arange(n // group_size), group_size)
        found = judged(np.repeat(X, group_size, 0), np.repeat(y, group_size, 0), groups)
        for name in inside:
            score = getattr(found, name)
            inside[name] += score.low <= getattr(truth, name).value <= score.high
    assert {name: k for name, k in inside.items() if k < 0.9 * repeats} == {}


@pytest.mark.parametrize("miss", [0.05, 0.1, 0.2])
def test_the_share_of_missed_labels_is_as_promised(miss: float) -> None:
    """Held-out margins, halved at random: one half finds the shift, the other is missed."""
    X, y = world(1200, 0, noise=1.5)
    found = nested_labels(FixedRows(X), y, LABELS.folds(_targets(y), n_folds=5))
    margins = margins_of(found.probabilities, found.thresholds)
    rng, realised = np.random.default_rng(0), []
    for _ in range(250):
        order = rng.permutation(1200)
        one, other = order[:600], order[600:]
        rule = fit_miss(margins[one], y[one], miss)
        assert rule.shift is not None
        has = y[other].any(axis=1)
        missed = missed_shares(margins[other][has] >= rule.shift, y[other][has])
        realised.append(missed.mean())
    assert miss - 0.03 <= np.mean(realised) <= miss + 0.005


def test_too_few_items_promise_nothing_and_say_how_many_would() -> None:
    rule = fit_miss(np.zeros((5, 1)), np.ones((5, 1), np.int8), 0.1)
    assert (rule.shift, rule.expected, rule.needed) == (None, None, 9)
    assert "cannot be promised from 5 items" in rule.sentence
    enough = fit_miss(np.full((9, 1), 0.5), np.ones((9, 1), np.int8), 0.1)
    assert enough.shift == 0.0  # larger thresholds would only miss more
    grouped = fit_miss(
        np.full((9, 1), 0.5), np.ones((9, 1), np.int8), 0.1, groups=np.arange(9) // 3
    )
    assert grouped.shift is None
    with pytest.raises(DataError):
        fit_miss(np.zeros((5, 1)), np.zeros((5, 1), np.int8), 0.1)


def test_unknown_cells_change_no_score() -> None:
    X, y = world(300, 0)
    p = probability(X[:, :4])
    hidden = y.copy()
    hidden[200:] = -1
    part = labels_scores(y[:200], p[:200], p[:200] > 0.5)
    whole = labels_scores(hidden, p, p > 0.5)
    for name in ("mean_ap", "macro_f1", "micro_f1", "auroc"):
        assert getattr(part, name).value == pytest.approx(getattr(whole, name).value)
    rows = label_scores(hidden, p, p > 0.5, "abcd")
    assert [row.n_known for row in rows] == [200] * 4


def test_rules_calm_overconfident_logits() -> None:
    rng = np.random.default_rng(0)
    z = rng.normal(size=(2000, 1))
    y = (rng.random((2000, 1)) < probability(z)).astype(np.int8)
    assert LabelRules.of(4 * z, y).temperatures[0] == pytest.approx(4, rel=0.2)


def test_three_thousand_items_take_seconds() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(3000, 1280)).astype(np.float32)
    y = (X[:, :20] + rng.normal(size=(3000, 20)) > 1.5).astype(np.int8)
    begun = time.process_time()
    targets = _targets(y)
    found = nested_labels(FixedRows(X), y, LABELS.folds(targets, n_folds=5))
    LABELS.scores(targets, LabelAnswers(found.probabilities, found.probabilities > 0.5))
    assert time.process_time() - begun < 12  # of two cores: 6 s


def _targets(y: np.ndarray) -> LabelTargets:
    return LabelTargets(tuple(str(j) for j in range(y.shape[1])), y)
