import numpy as np
import pytest

from topwork.heads import LogisticProblem, choose_penalty, stratified_folds
from topwork.heads.penalty import DEFAULT_C, PENALTIES, held_out_loss


def test_noise_asks_for_a_strong_penalty_and_signal_for_a_weak_one(rng, clustered):
    X, codes = clustered(120, 20, 3, spread=4)
    folds = stratified_folds(codes)
    weak = choose_penalty(LogisticProblem.prepare(X, codes, 3), folds)
    noise = rng.standard_normal(X.shape)
    strong = choose_penalty(LogisticProblem.prepare(noise, codes, 3), folds)
    assert strong == PENALTIES[0]
    assert weak >= 30


def test_single_items_leave_nothing_to_choose(rng):
    problem = LogisticProblem.prepare(rng.random((4, 3)), np.arange(4), 4)
    assert choose_penalty(problem, np.array([0, 1, 0, 1])) == DEFAULT_C


def test_one_fold_leaves_nothing_to_choose(rng):
    problem = LogisticProblem.prepare(rng.random((4, 3)), np.array([0, 0, 1, 1]), 2)
    assert choose_penalty(problem, np.zeros(4, dtype=int)) == DEFAULT_C


def test_items_of_unseen_classes_do_not_count(rng):
    problem = LogisticProblem.prepare(rng.random((4, 3)), np.array([0, 0, 1, 2]), 3)
    fitted, held_out = np.array([0, 1, 2]), np.array([3])
    start = problem.start(fitted)
    assert held_out_loss(problem, start, fitted=fitted, held_out=held_out) == 0


@pytest.mark.parametrize("n_folds", [2, 3, 10])
def test_any_number_of_folds_will_do(clustered, n_folds):
    X, codes = clustered(60, 8, 3)
    folds = stratified_folds(codes, n_folds=n_folds)
    assert choose_penalty(LogisticProblem.prepare(X, codes, 3), folds) in PENALTIES
