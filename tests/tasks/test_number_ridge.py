"""Ridge for numbers: leave-one-out errors, transforms, nested cross-validation, intervals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topwork.tasks.feature_rows import FixedRows
from topwork.tasks.number.intervals import fit_intervals
from topwork.tasks.number.nested import nested_numbers
from topwork.tasks.number.ridge import NumberRidge, fit_numbers
from topwork.tasks.number.scores import number_scores
from topwork.tasks.number.strata import strata
from topwork.tasks.number.transform import fit_transform


def data(n: int, d: int, seed: int = 0, noise: float = 0.5) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d)).astype(np.float32)
    return X, X[:, 0] - X[:, 1] + noise * rng.normal(size=n)


@pytest.mark.parametrize(("n", "d"), [(30, 4), (12, 40)])
def test_held_out_predictions_are_those_of_fits_without_the_item(n: int, d: int) -> None:
    X, y = data(n, d)
    ridge = NumberRidge.prepare(X, standardise=False)
    column = ridge.fit(y[:, None])[0]
    for i in range(3):
        rest = np.arange(n) != i
        A, b = X[rest] - X[rest].mean(axis=0), y[rest] - y[rest].mean()
        weight = np.linalg.solve(A.T @ A + column.alpha * np.eye(d), A.T @ b)
        expected = y[rest].mean() + (X[i] - X[rest].mean(axis=0)) @ weight
        assert column.held_out[i] == pytest.approx(expected, abs=2e-3)


def test_more_features_than_items_are_not_fitted_exactly() -> None:
    """Without the intercept's 1/n in the leverage the smallest penalty would look best."""
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(40, 400)), rng.normal(size=40)
    ridge = NumberRidge.prepare(X)
    assert ridge.fit(y[:, None])[0].alpha > ridge.alphas[3]


@given(
    st.sampled_from(["none", "log", "rank"]),
    st.lists(st.floats(0.01, 1e6), min_size=2, max_size=40, unique=True),
)
def test_transforms_come_back_and_keep_the_order(name: str, numbers: list[float]) -> None:
    y = np.sort(np.array(numbers))
    transform = fit_transform(name, y)
    there = transform.forward(y)
    assert (np.diff(there) >= 0).all()
    np.testing.assert_allclose(transform.backward(there), y, rtol=1e-6, atol=1e-6 * np.ptp(y))


def test_the_scale_is_chosen_by_absolute_errors() -> None:
    X, y = data(200, 5, noise=0.2)
    ridge = NumberRidge.prepare(X)
    assert fit_numbers(ridge, y).transform.name == "none"
    assert fit_numbers(ridge, np.exp(2 * y)).transform.name == "log"


def test_folds_are_predicted_without_them() -> None:
    """A number that only its own item's feature tells can't be predicted held out."""
    X = np.eye(40, dtype=np.float32)
    y = np.random.default_rng(0).normal(size=40)
    found = nested_numbers(FixedRows(X), y, np.arange(40) % 5)
    assert number_scores(y, found.predicted).r2.value < 0.1


def test_intervals_follow_the_size_of_the_noise() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(600, 6)).astype(np.float32)
    sizes = np.exp(X[:, 2])
    y = 3 * X[:, 0] + sizes * rng.normal(size=600)
    found = nested_numbers(FixedRows(X), y, np.arange(600) % 5)
    rule, spread = fit_intervals(found.ridge, found.whole.transform, y, found.predicted)
    assert spread is not None
    assert np.corrcoef(spread.held_out, X[:, 2])[0, 1] > 0.8
    transform, column = found.whole.transform, found.whole.column
    ends = rule.around(transform, column.predict(X), spread.predict(X))
    assert ends is not None
    assert 0.85 < ((ends[0] <= y) & (y <= ends[1])).mean() < 0.96


def test_a_fold_on_another_scale_leaves_no_gap() -> None:
    """A fold that predicts the number itself may say less than 0, which has no logarithm."""
    X, y = data(60, 3)
    numbers = np.exp(y)
    predicted = np.where(np.arange(60) % 7 == 0, -1.0, numbers)
    log = fit_transform("log", numbers)
    rule, _ = fit_intervals(NumberRidge.prepare(X), log, numbers, predicted)
    assert rule.factor is not None
    assert np.isfinite(rule.factor)


def test_too_few_items_promise_no_interval() -> None:
    X, y = data(8, 2)
    found = nested_numbers(FixedRows(X), y, np.arange(8) % 4)
    rule, _ = fit_intervals(found.ridge, found.whole.transform, y, found.predicted)
    assert (rule.factor, rule.needed) == (None, 9)
    assert rule.around(found.whole.transform, y, y) is None


def test_groups_count_as_one_item_for_the_promise() -> None:
    X, y = data(80, 2)
    groups = np.repeat(np.arange(8), 10)
    found = nested_numbers(FixedRows(X), y, groups % 4, groups=groups)
    rule, _ = fit_intervals(found.ridge, found.whole.transform, y, found.predicted, groups=groups)
    assert rule.factor is None


def test_scores_of_constants_are_left_out() -> None:
    y = np.arange(10.0)
    assert number_scores(y, np.full(10, 4.5)).spearman is None
    assert number_scores(np.ones(10), y).r2 is None
    perfect = number_scores(y, y)
    assert (perfect.mae.value, perfect.r2.value) == (0, 1)
    assert perfect.spearman.value == pytest.approx(1)


def test_strata_hold_about_equally_many() -> None:
    bins = strata(np.random.default_rng(0).normal(size=103))
    assert len(np.unique(bins)) == 10
    assert np.ptp(np.bincount(bins)) <= 2
    assert len(np.unique(strata(np.ones(50)))) == 1


def test_a_feature_that_is_nearly_always_zero_does_not_run_away() -> None:
    """One new item on which such a feature is active is predicted within the known numbers."""
    rng = np.random.default_rng(0)
    X = np.abs(rng.normal(size=(100, 200))).astype(np.float32)
    X[:, :100] *= rng.random((100, 100)) < 0.01
    y = 10 + X[:, 150] + 0.1 * rng.normal(size=100)
    fit = fit_numbers(NumberRidge.prepare(X[:80]), y[:80])
    new = X[80:].copy()
    new[:, :100] = 2.0
    assert np.abs(fit.predict(new) - y[80:]).max() < 0.5 * np.ptp(y)
