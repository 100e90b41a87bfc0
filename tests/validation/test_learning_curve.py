import time
from itertools import pairwise

import numpy as np
import pytest

from topwork.errors import ParameterError
from topwork.heads import LogisticProblem, stratified_folds
from topwork.validation.learning_curve import LearningCurve, learning_curve, logistic_judge
from topwork.validation.power_law import fit_power_law

SIZES = np.array([2.0, 4, 8, 16, 32])


@pytest.mark.parametrize(("a", "b", "c"), [(0.1, 0.8, 1.0), (0.0, 0.6, 0.5), (0.3, 0.0, 1.0)])
def test_a_power_law_is_found_again(a, b, c):
    law = fit_power_law(SIZES, np.tile(a + b * SIZES**-c, (5, 1)))
    for n in (3, 32, 64, 128):
        assert law.error(n)[0] == pytest.approx(a + b * n**-c, abs=0.003)


def test_nothing_is_said_far_beyond_the_data():
    law = fit_power_law(SIZES, np.tile(1 / SIZES, (5, 1)))
    law.error(4 * 32)
    with pytest.raises(ParameterError, match="measured up to 32"):
        law.error(4.1 * 32)


def test_errors_never_rise_with_labels():
    law = fit_power_law(SIZES, np.tile([0.1, 0.15, 0.2, 0.25, 0.3], (5, 1)))
    assert law.error(64)[0] == pytest.approx(law.error(2)[0])


def test_the_band_covers_twice_the_labels():
    rng = np.random.default_rng(0)
    covered = 0
    for _ in range(80):
        truth = 0.08 + 0.7 * SIZES**-0.8
        own = 0.02 * rng.standard_normal((5, 1)) + 0.02 * rng.standard_normal((5, 5))
        _, low, high = fit_power_law(SIZES, truth + own).error(64)
        covered += low <= 0.08 + 0.7 * 64**-0.8 <= high
    assert covered / 80 >= 0.87


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    codes = np.arange(400) % 8
    X = rng.standard_normal((8, 30))[codes] + 1.6 * rng.standard_normal((400, 30))
    return X.astype(np.float32), codes


def test_more_labels_make_fewer_errors(data):
    X, codes = data
    judge = logistic_judge(LogisticProblem.prepare(X, codes, 8), 10.0)
    curve = learning_curve(judge, codes, folds=stratified_folds(codes))
    errors = [point.error for point in curve.measured]
    assert len(errors) >= 5
    assert errors[0] > errors[2] > errors[-1]
    assert curve.measured[-1].labels_per_class == 40
    assert (curve.now.labels_per_class, curve.twice.labels_per_class) == (50, 100)
    assert curve.twice.low <= curve.twice.error < curve.now.error
    assert curve.sentence.startswith("With twice the labels (100 per class instead of 50) ")
    assert LearningCurve.model_validate_json(curve.model_dump_json()) == curve


def test_subsets_are_nested_and_leave_their_fold_and_groups_out(data):
    _, codes = data
    groups = np.arange(400) // 16
    folds = stratified_folds(codes, groups=groups)
    chains = []

    def judge(train, test):
        chains.append((train, test))
        return [0.5] * len(train)

    curve = learning_curve(judge, codes, folds=folds, groups=groups)
    assert len(chains) == 5
    for train, test in chains:
        for small, large in pairwise(train):
            assert set(small) <= set(large)
            assert len(small) < len(large)
        assert not set(groups[train[-1]]) & set(groups[test])
        assert set(train[-1]) | set(test) == set(range(400))
        assert set(codes[train[0]]) == set(range(8))
    assert "hardly" in curve.sentence


def test_few_labels_have_no_curve():
    codes = np.arange(24) % 4
    curve = learning_curve(lambda train, test: [], codes, folds=stratified_folds(codes))
    assert (curve.measured, curve.now, curve.twice) == ((), None, None)
    assert "too few" in curve.sentence


def test_it_is_the_same_every_time(data):
    X, codes = data
    judge = logistic_judge(LogisticProblem.prepare(X, codes, 8), 10.0)
    one, other = (learning_curve(judge, codes, folds=np.arange(400) // 8 % 5) for _ in range(2))
    assert one == other


def test_many_items_and_classes_are_quick():
    rng = np.random.default_rng(0)
    codes = np.arange(1000) % 40
    X = (rng.standard_normal((40, 400))[codes] + 2 * rng.standard_normal((1000, 400))).astype("f4")
    judge = logistic_judge(LogisticProblem.prepare(X, codes, 40), 30.0)
    begun = time.process_time()
    learning_curve(judge, codes, folds=stratified_folds(codes))
    assert time.process_time() - begun < 8
