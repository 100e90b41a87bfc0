import numpy as np
import pytest
from sklearn import metrics as peer

from topwork.metrics import metrics
from topwork.metrics.metrics import ClassCounts


@pytest.fixture(params=range(4))
def table(request):
    rng = np.random.default_rng(request.param)
    codes = rng.integers(0, 5, 60)
    predicted = np.where(rng.random(60) < 0.6, codes, rng.integers(0, 5, 60))
    return codes, predicted


def test_scores_are_those_of_scikit_learn(table):
    counts = ClassCounts.of(*table, 5)
    assert metrics.accuracy(counts) == pytest.approx(peer.accuracy_score(*table))
    assert metrics.balanced_accuracy(counts) == pytest.approx(peer.balanced_accuracy_score(*table))
    assert metrics.macro_f1(counts) == pytest.approx(peer.f1_score(*table, average="macro"))
    assert metrics.precision(counts) == pytest.approx(
        peer.precision_score(*table, average=None, zero_division=0)
    )
    assert metrics.recall(counts) == pytest.approx(peer.recall_score(*table, average=None))


def test_classes_that_never_occur_do_not_count(table):
    few, many = ClassCounts.of(*table, 5), ClassCounts.of(*table, 9)
    for score in (metrics.accuracy, metrics.balanced_accuracy, metrics.macro_f1):
        assert score(few) == pytest.approx(float(score(many)))


def test_a_class_only_predicted_counts_for_f1_but_not_for_balanced_accuracy():
    codes, predicted = np.array([0, 0, 1, 1]), np.array([0, 2, 1, 1])
    counts = ClassCounts.of(codes, predicted, 3)
    assert metrics.balanced_accuracy(counts) == 0.75
    assert metrics.macro_f1(counts) == pytest.approx(
        peer.f1_score(codes, predicted, average="macro")
    )


def test_many_tables_are_scored_at_once(table):
    one = ClassCounts.of(*table, 5)
    both = ClassCounts(*(np.stack([c, c]) for c in (one.actual, one.predicted, one.hits)))
    for score in (metrics.accuracy, metrics.balanced_accuracy, metrics.macro_f1):
        assert score(both) == pytest.approx([float(score(one))] * 2)


def test_log_loss_is_that_of_scikit_learn():
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet(np.ones(4), 30)
    codes = np.arange(30) % 4
    assert metrics.log_loss(codes, probabilities) == pytest.approx(
        peer.log_loss(codes, probabilities)
    )


def test_a_probability_of_zero_costs_a_finite_loss():
    assert 30 < metrics.log_loss(np.array([0]), np.array([[0.0, 1.0]])) < 40
