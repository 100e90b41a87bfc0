"""Ordered classes: their head, decisions, sets and scores."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from topwork.data import ClassTargets, OrdinalTargets, read
from topwork.errors import DataError, ParameterError
from topwork.heads import stratified_folds
from topwork.tasks.feature_rows import FixedRows
from topwork.tasks.ordinal.cumulative import (
    CumulativeProblem,
    Cutpoints,
    _loss,
    cumulative_probabilities,
)
from topwork.tasks.ordinal.decision import (
    OrdinalSets,
    best_rule,
    decide,
    fit_ordinal_sets,
    held_before,
    quadratic_kappa,
)
from topwork.tasks.ordinal.nested import (
    nested_classes,
    nested_cumulative,
    nested_ranks,
    probabilities_of,
)
from topwork.tasks.ordinal.scores import ordinal_scores
from topwork.tasks.reading import interpreted


def _world(rng: np.random.Generator, n: int, k: int = 4) -> tuple[Any, Any]:
    """Proportional odds along one of 30 features."""
    X = rng.normal(size=(n, 30)).astype(np.float32)
    latent = 2.5 * X[:, 3] + rng.logistic(size=n)
    return X, np.digitize(latent, np.linspace(-2.5, 2.5, k - 1))


def test_the_gradient_is_that_of_the_loss() -> None:
    rng = np.random.default_rng(0)
    X, codes = rng.normal(size=(40, 3)), rng.integers(0, 4, 40)
    loss, x = _loss(X, codes, np.full(3, 0.1)), rng.normal(size=6)
    steps = 1e-5 * np.eye(6)
    numeric = [(loss(x + step)[0] - loss(x - step)[0]) / 2e-5 for step in steps]
    np.testing.assert_allclose(loss(x)[1], numeric, atol=1e-6)


def test_the_fit_finds_the_direction_and_the_thresholds() -> None:
    X, codes = _world(np.random.default_rng(1), 4000)
    problem = CumulativeProblem.prepare(X, codes, 4)
    found = problem.fit(np.arange(4000), 1e-6)
    weight, _ = problem.linear(found)
    assert np.abs(weight).argmax() == 3
    assert weight[3] == pytest.approx(2.5, rel=0.1)
    np.testing.assert_allclose(
        problem.cutpoints(found).thresholds - problem.linear(found)[1], [-2.5, 0, 2.5], atol=0.2
    )


def test_probabilities_are_exact_in_the_tails_and_sum_to_one() -> None:
    p = cumulative_probabilities(np.array([[-40.0, -39.0], [39.0, 40.0], [-800.0, 800.0]]))
    np.testing.assert_allclose(p.sum(axis=1), 1)
    assert p[0].argmax() == 2
    assert p[1].argmax() == 0
    assert p[2, 1] == pytest.approx(1)


def test_cutpoints_do_not_depend_on_the_scale_of_positions() -> None:
    rng = np.random.default_rng(2)
    z = rng.normal(size=300)
    codes = np.digitize(z + 0.5 * rng.normal(size=300), [-0.5, 0.5])
    one, other = Cutpoints.of(z, codes, 3), Cutpoints.of(100 * z + 7, codes, 3)
    np.testing.assert_allclose(one.probabilities(z), other.probabilities(100 * z + 7), atol=1e-4)


@pytest.mark.parametrize(
    ("head", "share"), [(nested_cumulative, 0.9), (nested_ranks, 0.9), (nested_classes, 0.7)]
)
def test_each_head_comes_near_the_one_that_knows_the_direction(head: Any, share: float) -> None:
    X, codes = _world(np.random.default_rng(3), 300)
    true = Cutpoints(2.5, np.array([-2.5, 0, 2.5])).probabilities(X[:, 3])
    found = head(FixedRows(X), codes, 4, stratified_folds(codes))
    assert found.probabilities.shape == (300, 4)
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1, atol=1e-6)
    best = quadratic_kappa(codes, decide(true, "median"))
    assert quadratic_kappa(codes, found.predicted) > share * best
    p = probabilities_of(found.head.logits(X), found.link)
    assert p.shape == (300, 4)
    assert quadratic_kappa(codes, decide(p, found.rule)) > share * best


def test_labels_that_say_nothing_are_predicted_no_better_than_by_chance() -> None:
    kappas = []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        X, codes = rng.normal(size=(100, 40)).astype(np.float32), rng.integers(0, 4, 100)
        found = nested_cumulative(FixedRows(X), codes, 4, stratified_folds(codes, seed=seed))
        kappas.append(quadratic_kappa(codes, found.predicted))
    assert np.mean(kappas) < 0.1


def test_kappa_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(5)
    codes, predicted = rng.integers(0, 5, 200), rng.integers(0, 5, 200)
    expected = cohen_kappa_score(codes, predicted, weights="quadratic")
    assert quadratic_kappa(codes, predicted) == pytest.approx(expected)
    found = ordinal_scores(codes, predicted, 5)
    assert found.kappa is not None
    assert found.kappa.value == pytest.approx(expected)
    assert found.accuracy.value == (codes == predicted).mean()


def test_intervals_of_kappa_hold_it() -> None:
    rng, inside, true = np.random.default_rng(6), 0, None
    for i in range(401):
        n = 200_000 if i == 0 else 80
        codes = rng.integers(0, 4, n)
        predicted = np.clip(codes + rng.choice([-1, 0, 0, 0, 1], n), 0, 3)
        kappa = ordinal_scores(codes, predicted, 4).kappa
        assert kappa is not None
        assert kappa.high is not None
        if true is None:
            true = kappa.value
        else:
            inside += kappa.low <= true <= kappa.high
    assert 0.92 <= inside / 400 <= 0.98


def test_scores_without_errors_are_not_certain() -> None:
    codes = np.arange(20) % 4
    found = ordinal_scores(codes, codes, 4)
    assert found.kappa is not None
    assert found.kappa.value == 1
    assert found.kappa.low < 0.95
    assert found.mean_rank_error.high is not None
    assert found.mean_rank_error.high > 0.05


def test_the_median_is_the_usual_rule_and_a_better_one_replaces_it() -> None:
    p = np.array([[0.4, 0.3, 0.3], [0.3, 0.3, 0.4]] * 20)
    assert best_rule(p, np.array([1, 1] * 20)) == "median"
    assert best_rule(p, np.array([0, 2] * 20)) == "mode"


def test_sets_are_contiguous_and_hold_the_class_as_often_as_promised() -> None:
    rng, covered, sizes = np.random.default_rng(7), [], []
    for _ in range(60):
        X, codes = _world(rng, 160)
        z = 2.5 * X[:, 3].astype(float)
        p = Cutpoints(1.0, np.array([-2.5, 0, 2.5])).probabilities(z)
        predicted = decide(p, "median")
        sets = fit_ordinal_sets(p[:80], predicted[:80], codes[:80], error_rate=0.1)
        inside = sets.of(p[80:], predicted[80:])
        covered.append(inside[np.arange(80), codes[80:]].mean())
        sizes.append(inside.sum(axis=1).mean())
        assert inside[np.arange(80), predicted[80:]].all()
        assert (
            np.abs(np.diff(np.pad(inside.astype(int), ((0, 0), (1, 1))))).sum(axis=1) == 2
        ).all()
    assert 0.88 <= np.mean(covered) <= 0.95
    assert np.mean(sizes) < 3


def test_too_few_items_promise_nothing() -> None:
    p, codes = np.tile([0.6, 0.4], (8, 1)), np.zeros(8, int)
    sets = fit_ordinal_sets(p, codes, codes, error_rate=0.1)
    assert (sets.enough, sets.needed) == (False, 9)
    assert sets.of(p, codes).all()
    assert isinstance(sets, OrdinalSets)


def test_a_set_grows_towards_the_more_probable_neighbour() -> None:
    held = held_before(np.array([[0.05, 0.2, 0.4, 0.3, 0.05]]), np.array([2]))[0]
    assert np.argsort(held).tolist()[:3] == [2, 3, 1]


NAMES = [f"{i}.jpg" for i in range(6)]


def test_numbers_have_their_order_and_names_need_one() -> None:
    data = interpreted(read(NAMES, ["10", "9", "1", "2", "10", "1"]), "ordinal")
    assert isinstance(data.targets, OrdinalTargets)
    assert data.targets.labels == ("1", "2", "9", "10")
    assert data.targets.codes.tolist() == [3, 2, 0, 1, 3, 0]
    words = read(NAMES, ["low", "mid", "top"] * 2)
    with pytest.raises(DataError, match=r"--task ordinal --order LOWEST,\.\.\.,HIGHEST"):
        interpreted(words, "ordinal")
    found = interpreted(words, order=["top", "mid", "low"]).targets
    assert isinstance(found, OrdinalTargets)
    assert found.codes.tolist() == [2, 1, 0] * 2
    again = interpreted(interpreted(words, order=["top", "mid", "low"]), "classes").targets
    assert type(again) is ClassTargets
    assert again.labels == ("low", "mid", "top")


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (["low", "mid"], "lacks labels of these items: 'top'"),
        (["low", "mid", "top", "max"], "No item has these labels of the order: 'max'"),
        (["low", "mid", "top", "low"], "names a label twice"),
    ],
)
def test_an_order_that_does_not_fit_is_refused(order: list[str], said: str) -> None:
    with pytest.raises(DataError, match=said):
        interpreted(read(NAMES, ["low", "mid", "top"] * 2), "ordinal", order=order)


def test_an_order_of_something_else_is_refused() -> None:
    with pytest.raises(ParameterError, match="order means nothing"):
        interpreted(read(NAMES, ["low", "mid", "top"] * 2), "classes", order=["low", "mid", "top"])
    sets = read(NAMES, [["a"], ["a", "b"], ["b"]] * 2)
    with pytest.raises(DataError, match="several labels each"):
        interpreted(sets, order=["a", "b"])


def test_a_class_that_no_item_is_left_of_leaves_the_order() -> None:
    data = interpreted(read(NAMES, ["low", "mid", "top"] * 2), order=["top", "mid", "low"])
    left = data.take([0, 2, 3]).without_empty_classes().targets
    assert isinstance(left, OrdinalTargets)
    assert (left.labels, left.codes.tolist()) == (("top", "low"), [1, 0, 1])
