import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import multivariate_normal
from sklearn.covariance import ledoit_wolf as peer_shrinkage
from sklearn.linear_model import Ridge

from topwork.errors import DataError, ParameterError
from topwork.heads import RidgeProblem, fit_ridge, normalise_rows, softmax, solve_ridge
from topwork.metrics.metrics import log_loss
from topwork.selection.transferability import h_score, ledoit_wolf, log_me, transferability

shapes = pytest.mark.parametrize(("n", "d"), [(60, 8), (25, 60)])


def draw(n, d, k=3, spread=1.0, seed=0):
    """Noise around the means of k classes."""
    rng = np.random.default_rng(seed)
    codes = np.arange(n) % k
    return rng.standard_normal((n, d)) + spread * rng.standard_normal((k, d))[codes], codes


def problem_of(X, codes):
    return RidgeProblem.prepare(X, np.eye(codes.max() + 1)[codes])


def best_evidence(X, y):
    """The highest log density of y (n,) under N(0, XXᵀ/α + I/β), over α and β."""
    kernel, identity = X @ X.T, np.eye(len(y))

    def negative(logs):
        alpha, beta = np.exp(np.clip(logs, -12, 12))
        covariance = kernel / alpha + identity / beta
        return -multivariate_normal(np.zeros(len(y)), covariance).logpdf(y)

    starts = [(0.0, 0.0), (5.0, 2.0)]
    return max(-minimize(negative, start, method="Nelder-Mead").fun for start in starts)


@shapes
@pytest.mark.parametrize("spread", [0.3, 1.0])
def test_log_me_is_the_highest_evidence(n, d, spread):
    X, codes = draw(n, d, spread=spread)
    without_intercept = np.linalg.qr(np.column_stack([np.ones(n), np.eye(n)[:, 1:]]))[0][:, 1:]
    rows, targets = without_intercept.T @ X, without_intercept.T @ np.eye(3)[codes]
    expected = np.mean([best_evidence(rows, y) for y in targets.T]) / (n - 1)
    assert log_me(problem_of(X, codes)) == pytest.approx(expected, abs=2e-3)


def test_log_me_of_nothing_to_learn_is_that_of_noise():
    rng = np.random.default_rng(0)
    y = rng.standard_normal((200, 1))
    y -= y.mean()
    found = log_me(RidgeProblem.prepare(rng.standard_normal((200, 5)), y))
    assert found == pytest.approx(-0.5 * np.log(2 * np.pi * y.var()) - 0.5, abs=0.03)


@shapes
def test_shrinkage_is_that_of_scikit_learn(n, d):
    X, codes = draw(n, d)
    assert ledoit_wolf(problem_of(X, codes)) == pytest.approx(peer_shrinkage(X)[1])


@shapes
def test_h_score_is_its_definition(n, d):
    X, codes = draw(n, d)
    covariance, shrinkage = peer_shrinkage(X)
    means = np.stack([X[codes == c].mean(axis=0) for c in codes]) - X.mean(axis=0)
    between = means.T @ means / n
    expected = (1 - shrinkage) * np.trace(np.linalg.solve(covariance, between))
    assert h_score(problem_of(X, codes), codes) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(("n", "d"), [(20, 400), (300, 20), (40, 40)])
@pytest.mark.parametrize("spread", [0.0, 1.0, 30.0])
def test_h_score_keeps_its_bound(n, d, spread):
    X, codes = draw(n, d, k=5, spread=spread)
    assert 0 <= h_score(problem_of(X, codes), codes) <= 4


def brute_force(X, codes, alpha, units):
    """Scores of each item by scikit-learn's ridge on other units, the classes' shares restored."""
    rows, targets = normalise_rows(X), np.eye(codes.max() + 1)[codes]
    scores = np.empty(targets.shape)
    for unit in np.unique(units):
        out = units == unit
        model = Ridge(alpha=alpha, solver="cholesky").fit(rows[~out], targets[~out])
        lost = targets.mean(axis=0) - targets[~out].mean(axis=0)
        scores[out] = model.predict(rows[out]) + lost
    return scores


@shapes
def test_scores_are_those_of_leaving_each_item_out(n, d):
    X, codes = draw(n, d)
    found = transferability(X, codes, 3)
    alpha = fit_ridge(X, codes, 3).alpha
    expected = brute_force(X, codes, alpha, np.arange(n))
    assert found.scores == pytest.approx(expected, abs=2e-3)
    assert found.right(codes).tolist() == (expected.argmax(axis=1) == codes).tolist()


@shapes
def test_scores_are_those_of_leaving_each_group_out(n, d):
    X, codes = draw(n, d)
    groups = np.arange(n) // 4
    found = transferability(X, codes, 3, groups=groups)
    alpha = fit_ridge(X, codes, 3, groups=groups).alpha
    assert found.scores == pytest.approx(brute_force(X, codes, alpha, groups), abs=2e-3)


def test_float32_is_exact_enough_to_compare_by():
    X, codes = draw(200, 300, k=5, spread=0.4)
    rows, targets = normalise_rows(X), np.eye(5, dtype=np.float32)[codes]
    exact, rough = (RidgeProblem.prepare(rows, targets, rough=r) for r in (False, True))
    one, other = solve_ridge(exact), solve_ridge(rough)
    assert other.held_out == pytest.approx(one.held_out, abs=1e-3)
    assert log_me(rough) == pytest.approx(log_me(exact), abs=1e-3)
    assert h_score(rough, codes) == pytest.approx(h_score(exact, codes), rel=1e-3)


def test_copies_teach_nothing_about_each_other():
    X, codes = draw(60, 40, spread=0.0)
    X, codes = np.repeat(X, 2, axis=0), np.repeat(codes, 2)
    leaky = transferability(X, codes, 3).right(codes).mean()
    honest = transferability(X, codes, 3, groups=np.arange(120) // 2).right(codes).mean()
    assert leaky > 0.7
    assert honest < 0.5


@pytest.mark.parametrize("spread", [0.0, 0.4, 2.0])
def test_probabilities_mean_something(spread):
    X, codes = draw(300, 20, spread=spread)
    found = transferability(X, codes, 3)
    loss = log_loss(codes, found.probabilities)
    assert loss < np.log(3) + 0.02
    assert loss <= log_loss(codes, softmax(found.scores)) + 1e-4
    confidence = found.probabilities.max(axis=1).mean()
    assert confidence == pytest.approx(found.right(codes).mean(), abs=0.06)


def test_features_of_noise_are_right_by_chance_and_not_less():
    """Leaving items out makes their class rarer; that alone must not turn scores against them."""
    right = []
    for seed in range(40):
        X, codes = draw(60, 20, spread=0.0, seed=seed)
        right.append(transferability(X, codes, 3).right(codes).mean())
    assert np.mean(right) == pytest.approx(1 / 3, abs=0.03)


def test_a_class_of_one_item_takes_no_part_in_the_temperature():
    X, codes = draw(40, 10)
    found = transferability(np.vstack([X, X[:1]]), np.append(codes, 3), 4)
    assert found.temperature.n_items == 40


def test_constant_features_say_nothing():
    codes = np.arange(40) % 2
    found = transferability(np.ones((40, 7)), codes, 2)
    assert log_loss(codes, found.probabilities) == pytest.approx(np.log(2), abs=0.05)
    assert found.h_score == 0


def test_what_cannot_be_judged_is_refused():
    X, codes = draw(10, 4)
    with pytest.raises(ParameterError, match="expected"):
        transferability(X, codes[:9], 3)
    with pytest.raises(DataError, match="fewer than two items or groups"):
        transferability(X, codes, 3, groups=np.zeros(10))
    with pytest.raises(DataError, match="not finite"):
        transferability(np.where(X > 2, np.inf, X), codes, 3)
