import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from topwork.errors import DataError
from topwork.shift.permutations import MIN
from topwork.shift.shift import ShiftTest, _areas, class_shift, shift_test


def normal(seed, n, d=20, shift=0.0):
    rows = np.random.default_rng(seed).standard_normal((n, d))
    rows[:, 0] += shift
    return rows


def test_the_same_data_are_not_told_apart():
    found = [shift_test(normal(2 * i, 40), normal(2 * i + 1, 30), seed=i) for i in range(100)]
    assert np.mean([test.p < 0.05 for test in found]) <= 0.12
    assert np.mean([test.auc for test in found]) == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize(("n", "d"), [(20, 500), (60, 200)])
def test_random_halves_of_one_set_are_not_noticeably_different(n, d):
    rng = np.random.default_rng(n)
    rows = rng.standard_normal((2 * n, d)) * np.arange(1, d + 1) ** -0.5
    rows[: n // 2] += 1  # a class of its own, which chance divides unevenly
    found = 0
    for i in range(60):
        order = rng.permutation(2 * n)
        found += shift_test(rows[order[:n]], rows[order[n:]], seed=i).noticeable
    assert found <= 4  # of 60, at 1.5 % each


@pytest.mark.parametrize(("shift", "noticeable"), [(0.3, False), (2.0, True)])
def test_other_data_are(shift, noticeable):
    test = shift_test(normal(0, 800), normal(1, 800, shift=shift))
    assert test.p < 0.05
    assert test.noticeable == noticeable
    assert (test.n_first, test.n_second) == (800, 800)


def test_groups_keep_the_test_honest():
    alike, naive = 0, 0
    for i in range(60):
        rng = np.random.default_rng(i)
        rows = rng.standard_normal((24, 10)).repeat(5, axis=0) + 0.2 * rng.standard_normal(
            (120, 10)
        )
        groups = np.arange(60) // 5
        alike += (
            shift_test(rows[:60], rows[60:], first_groups=groups, second_groups=groups).p < 0.05
        )
        naive += shift_test(rows[:60], rows[60:]).p < 0.05
    assert alike / 60 <= 0.15 < naive / 60


def test_areas_are_those_of_scikit_learn():
    rng = np.random.default_rng(0)
    scores, sides = rng.integers(0, 9, (50, 3)).astype("f4"), rng.random((50, 3)) < 0.4
    expected = [roc_auc_score(sides[:, i], scores[:, i]) for i in range(3)]
    assert _areas(scores, sides) == pytest.approx(expected)


def test_too_few_cannot_be_compared():
    with pytest.raises(DataError, match="to compare"):
        shift_test(normal(0, MIN - 1), normal(1, 100))
    with pytest.raises(DataError, match="to compare"):
        shift_test(normal(0, 100), normal(1, 100), second_groups=np.arange(100) % 3)


def test_it_is_the_same_every_time():
    first, second = normal(0, 500, 60).astype("f2"), normal(1, 500, 60).astype("f2")
    test = shift_test(first, second)
    assert test == shift_test(first, second)
    assert ShiftTest.model_validate_json(test.model_dump_json()) == test


def test_equal_classes_are_not_shifted():
    codes = np.arange(60) % 3
    shift = class_shift(codes, codes, 3)
    assert (shift.distance, shift.p) == (0, 1)


def test_other_classes_are():
    shift = class_shift(np.arange(100) % 4, np.arange(100) % 2, 5)
    assert shift.distance == pytest.approx(0.5)
    assert shift.second == pytest.approx((0.5, 0.5, 0, 0, 0))
    assert shift.p == 0.005


def test_chance_alone_rarely_shifts_classes():
    rng = np.random.default_rng(0)
    found = [class_shift(*rng.integers(0, 5, (2, 50)), 5, seed=i).p < 0.05 for i in range(200)]
    assert np.mean(found) <= 0.1
