import numpy as np
import pytest
from scipy import stats

from topwork.errors import DataError
from topwork.metrics.paired import PairedTest, corrected_t_test, paired_items


def test_with_separate_data_it_is_the_t_test():
    differences = np.random.default_rng(0).standard_normal(12) + 0.5
    test = corrected_t_test(differences, test_to_train=0)
    peer = stats.ttest_1samp(differences, 0)
    interval = peer.confidence_interval()
    assert test.p == pytest.approx(peer.pvalue)
    assert (test.low, test.high) == pytest.approx((interval.low, interval.high))


def test_overlap_makes_it_humbler():
    differences = np.array([0.02, 0.03, 0.01, 0.04, 0.00])
    plain, corrected = (corrected_t_test(differences, test_to_train=q) for q in (0, 0.25))
    assert corrected.error == pytest.approx(plain.error * 1.5)
    assert corrected.p > plain.p


def test_one_fold_says_nothing():
    assert corrected_t_test([0.5], test_to_train=0.25) == PairedTest(
        difference=0.5, error=None, low=None, high=None, p=1, degrees=0
    )


@pytest.mark.parametrize(("value", "p"), [(0.0, 1.0), (0.1, 0.0)])
def test_equal_differences_leave_no_doubt(value, p):
    assert corrected_t_test([value] * 4, test_to_train=0.25).p == pytest.approx(p, abs=1e-9)


def test_equal_models_do_not_differ():
    test = paired_items(np.zeros(50))
    assert (test.difference, test.p, test.low, test.high) == (0, 1, 0, 0)


@pytest.mark.parametrize(("for_it", "significant"), [(4, False), (5, False), (7, True)])
def test_few_differences_weigh_as_in_an_exact_test(for_it, significant):
    differences = np.where(np.arange(60) < for_it, 1, 0)
    exact = stats.binomtest(for_it, for_it).pvalue
    assert paired_items(differences).significant == (exact < 0.05) == significant


def test_repeated_items_of_a_group_are_no_more_certain():
    differences = np.random.default_rng(0).integers(-1, 3, 40)
    one = paired_items(differences)
    tenfold = paired_items(np.repeat(differences, 10), groups=np.repeat(np.arange(40), 10))
    assert tenfold.model_dump() == pytest.approx(one.model_dump())


def test_folds_add_what_training_sets_share():
    differences = np.random.default_rng(0).integers(-1, 2, 100)
    alone, once = paired_items(differences), paired_items(differences, n_folds=5)
    thrice = paired_items(np.stack([differences] * 3), n_folds=5)
    assert once.error == pytest.approx(alone.error * np.sqrt(2.25))
    assert thrice.error == pytest.approx(alone.error * np.sqrt(1 / 3 + 1.25))


@pytest.mark.parametrize(
    ("n", "share", "group"), [(60, 0.05, 1), (60, 0.3, 1), (300, 0.1, 1), (120, 0.2, 4)]
)
def test_equal_models_are_rarely_found_different(n, share, group):
    rng = np.random.default_rng(0)
    groups = np.arange(n) // group if group > 1 else None
    found = 0
    for _ in range(1000):
        lean = 2 * rng.standard_normal(n // group).repeat(group) if group > 1 else np.zeros(n)
        sign = np.where(rng.random(n) < 1 / (1 + np.exp(-lean)), 1, -1)
        found += paired_items(sign * (rng.random(n) < share), groups=groups).significant
    assert found / 1000 <= 0.06


def test_a_difference_is_found():
    rng = np.random.default_rng(0)
    differences = np.where(rng.random(300) < 0.15, 1, 0) - (rng.random(300) < 0.02)
    assert paired_items(differences, n_folds=5).significant


def test_nothing_cannot_be_compared():
    with pytest.raises(DataError, match="nothing"):
        paired_items([])
    with pytest.raises(DataError, match="nothing"):
        corrected_t_test([], test_to_train=0.25)
