import numpy as np
import pytest
from sklearn.linear_model import Ridge

from topwork.heads import (
    RidgeProblem,
    fit_ridge,
    item_weights,
    leave_one_group_out,
    leave_one_out,
)

shapes = pytest.mark.parametrize(("n", "d"), [(40, 8), (15, 30), (20, 1)])


def draw(n, d, k=3, seed=0):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, d)) + 2, rng.standard_normal((n, k)), 0.5 + rng.random(n)


def brute_force(X, Y, alpha, held_out, weights):
    """Errors of rows ``held_out`` from scikit-learn's fit on the others."""
    rest = np.setdiff1d(np.arange(len(X)), held_out)
    model = Ridge(alpha=alpha, solver="cholesky").fit(X[rest], Y[rest], sample_weight=weights[rest])
    return Y[held_out] - model.predict(X[held_out]).reshape(Y[held_out].shape)


@shapes
@pytest.mark.parametrize("alpha", [0.01, 1.0, 100.0])
@pytest.mark.parametrize("weighted", [False, True])
def test_leave_one_out_is_exact(n, d, alpha, weighted):
    X, Y, weights = draw(n, d)
    weights = weights if weighted else np.ones(n)
    errors = leave_one_out(RidgeProblem.prepare(X, Y, weights), alpha)
    expected = np.stack([brute_force(X, Y, alpha, [i], weights)[0] for i in range(n)])
    assert errors == pytest.approx(expected, rel=2e-3, abs=2e-3)


@shapes
@pytest.mark.parametrize("alpha", [0.1, 10.0])
@pytest.mark.parametrize("weighted", [False, True])
def test_leave_one_group_out_is_exact(n, d, alpha, weighted):
    X, Y, weights = draw(n, d)
    weights = weights if weighted else np.ones(n)
    groups = np.array(list("aabcccdefghiij"))[np.arange(n) % 14]
    errors = leave_one_group_out(RidgeProblem.prepare(X, Y, weights), alpha, groups)
    for group in np.unique(groups):
        rows = np.flatnonzero(groups == group)
        expected = brute_force(X, Y, alpha, rows, weights)
        assert errors[rows] == pytest.approx(expected, rel=2e-3, abs=2e-3)


def test_groups_of_one_are_items():
    X, Y, _ = draw(25, 6)
    problem = RidgeProblem.prepare(X, Y)
    grouped = leave_one_group_out(problem, 1.0, np.arange(25))
    assert grouped == pytest.approx(leave_one_out(problem, 1.0), abs=1e-4)


@shapes
def test_coefficients_are_those_of_scikit_learn(n, d):
    X, Y, weights = draw(n, d)
    weight, bias = RidgeProblem.prepare(X, Y, weights).coefficients(2.0)
    peer = Ridge(alpha=2.0).fit(X, Y, sample_weight=weights)
    assert pytest.approx(peer.coef_.reshape(Y.shape[1], d), abs=1e-4) == weight.T
    assert bias == pytest.approx(peer.intercept_, abs=1e-4)


@pytest.mark.parametrize("class_weight", [None, "balanced"])
def test_the_penalty_is_the_best_of_the_grid(clustered, class_weight):
    X, codes = clustered(60, 10, 4)
    fit = fit_ridge(X, codes, 4, class_weight=class_weight, normalise=False)
    assert len(fit.alphas) == 25
    weights = item_weights(codes, 4, class_weight)
    problem = RidgeProblem.prepare(X, np.eye(4)[codes], weights)
    errors = [
        np.average(np.square(leave_one_out(problem, a)).sum(axis=1), weights=weights)
        for a in fit.alphas
    ]
    assert fit.errors == pytest.approx(errors, rel=1e-4)
    assert fit.alpha == fit.alphas[np.argmin(errors)]
    held_out = np.eye(4)[codes] - leave_one_out(problem, fit.alpha)
    assert fit.held_out == pytest.approx(held_out, abs=1e-4)


def test_the_grid_follows_the_scale_of_the_data(clustered):
    X, codes = clustered(60, 10, 4)
    one = fit_ridge(X, codes, 4, normalise=False)
    other = fit_ridge(1000 * X, codes, 4, normalise=False)
    assert other.alphas == pytest.approx(1e6 * one.alphas, rel=1e-3)
    assert other.errors == pytest.approx(one.errors, rel=1e-3)


def test_groups_make_the_error_larger_where_items_repeat(clustered):
    X, codes = clustered(30, 60, 3, spread=0.3)
    X, codes = np.repeat(X, 2, axis=0), np.repeat(codes, 2)
    leaky = fit_ridge(X, codes, 3)
    honest = fit_ridge(X, codes, 3, groups=np.arange(60) // 2)
    assert honest.errors.min() > leaky.errors.min()


def test_constant_features_predict_the_frequencies():
    fit = fit_ridge(np.ones((4, 3)), np.array([0, 0, 0, 1]), 2)
    assert fit.head.logits(np.ones((1, 3)))[0] == pytest.approx([0.75, 0.25], abs=1e-5)
