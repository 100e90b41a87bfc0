import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from topwork.heads import LogisticPath, LogisticProblem, fit_logistic, item_weights, normalise_rows


def objective(logits, codes, weight, C, item_weight):
    shifted = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    losses = np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(codes)), codes]
    penalty = np.square(weight.astype(np.float64)).sum() / (2 * C * len(codes))
    return np.mean(item_weight * losses), np.mean(item_weight * losses) + penalty


@pytest.mark.parametrize("class_weight", [None, "balanced"])
@pytest.mark.parametrize("C", [0.3, 30.0, 300.0])
@pytest.mark.parametrize(("n", "d", "k"), [(200, 30, 5), (60, 150, 8), (300, 1, 3)])
def test_optimum_is_that_of_scikit_learn(clustered, n, d, k, C, class_weight):
    X, codes = clustered(n, d, k, spread=0.7)
    keep = (codes > 0) | (np.arange(n) % 3 == 0)
    X, codes = X[keep], codes[keep]
    head = fit_logistic(X, codes, k, C=C, class_weight=class_weight)
    rows = normalise_rows(X).astype(np.float64)
    peer = LogisticRegression(C=C, class_weight=class_weight, tol=1e-6, max_iter=5000)
    peer.fit(rows, codes)
    weights = item_weights(codes, k, class_weight)
    ours = objective(head.logits(X), codes, head.weight, C, weights)
    theirs = objective(peer.decision_function(rows), codes, peer.coef_, C, weights)
    assert ours == pytest.approx(theirs, abs=1e-3)
    assert ours[1] <= theirs[1] + 2e-4


def test_two_classes_are_one_sigmoid_of_twice_the_C(clustered):
    X, codes = clustered(80, 12, 2)
    head = fit_logistic(X, codes, 2, C=5)
    rows = normalise_rows(X)
    peer = LogisticRegression(C=10, tol=1e-8).fit(rows, codes)
    difference = np.diff(head.logits(X), axis=1).ravel()
    assert difference == pytest.approx(peer.decision_function(rows), abs=0.03)


def test_the_path_reaches_what_a_single_fit_reaches(clustered):
    X, codes = clustered(150, 20, 4)
    problem = LogisticProblem.prepare(X, codes, 4)
    path = LogisticPath(problem)
    for C in (1, 3, 10, 30):
        last = path.fit(C)
    loss = problem.loss(None, 30)
    alone = LogisticPath(problem).reach(30)
    values = [loss.of_logits(loss.design @ W)[1] + loss.penalty(W) for W in (last, alone)]
    assert values[0] == pytest.approx(values[1], abs=2e-5)


def test_a_subset_is_fitted_as_if_alone(clustered):
    X, codes = clustered(90, 15, 3)
    rows = np.arange(60)
    problem = LogisticProblem.prepare(X, codes, 3)
    part = problem.linear(LogisticPath(problem, rows).reach(10))
    alone = fit_logistic(X[rows], codes[rows], 3, C=10)
    assert part.probabilities(X) == pytest.approx(alone.probabilities(X), abs=5e-3)


def test_shifting_lengths_changes_nothing(clustered):
    X, codes = clustered(60, 10, 3)
    lengths = np.linspace(0.1, 100, 60)[:, None]
    one, other = fit_logistic(X, codes, 3), fit_logistic(lengths * X, codes, 3)
    assert one.probabilities(X) == pytest.approx(other.probabilities(X), abs=2e-3)


@pytest.mark.parametrize(
    "X",
    [
        np.ones((6, 4)),
        np.zeros((6, 4)),
        np.tile([[1.0, 2.0, 3.0, 5.0]], (6, 1)),
        np.arange(6.0)[:, None],
        np.eye(6),
    ],
)
def test_degenerate_features_are_fitted(X):
    codes = np.array([0, 0, 0, 1, 1, 2])
    probabilities = fit_logistic(X, codes, 3, C=1000).probabilities(X)
    assert np.isfinite(probabilities).all()
    if len(np.unique(X, axis=0)) == 1:
        assert probabilities[0] == pytest.approx([1 / 2, 1 / 3, 1 / 6], abs=0.01)


def test_a_class_without_items_gets_no_probability(clustered):
    X, codes = clustered(40, 8, 3)
    probabilities = fit_logistic(X, codes + (codes > 0), 4).probabilities(X)
    assert probabilities[:, 1].max() < 1e-8
    assert probabilities[:, [0, 2, 3]].sum(axis=1) == pytest.approx(1, abs=1e-5)


def test_many_classes_of_two_items(clustered):
    X, codes = clustered(300, 40, 150, spread=3)
    head = fit_logistic(X, codes, 150, C=300)
    assert np.mean(head.logits(X).argmax(axis=1) == codes) > 0.95


def test_half_precision_is_taken(clustered):
    X, codes = clustered(60, 10, 3)
    half = fit_logistic(X.astype(np.float16), codes, 3)
    assert half.probabilities(X) == pytest.approx(
        fit_logistic(X, codes, 3).probabilities(X), abs=0.01
    )
