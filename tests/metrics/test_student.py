import numpy as np
import pytest
from scipy import stats

from topwork.metrics.student import student_quantile, student_tail

DEGREES = (2, 3, 7, 44, 99, 100, 101, 1000, 50_000, 1_000_000)


@pytest.mark.parametrize("degrees", DEGREES)
def test_tails_are_those_of_scipy(degrees):
    t = np.concatenate([[0.0], np.geomspace(1e-8, 60, 80)])
    ours = [student_tail(value, degrees) for value in t]
    expected = stats.t.sf(t, degrees)
    shown = expected > 1e-280
    np.testing.assert_allclose(np.array(ours)[shown], expected[shown], rtol=1e-11)
    np.testing.assert_allclose([student_tail(-v, degrees) for v in t], stats.t.cdf(t, degrees))


@pytest.mark.parametrize("degrees", DEGREES)
def test_quantiles_are_those_of_scipy(degrees):
    p = np.array([0.001, 0.025, 0.3, 0.5, 0.6, 0.95, 0.975, 0.9999])
    ours = [student_quantile(value, degrees) for value in p]
    np.testing.assert_allclose(ours, stats.t.ppf(p, degrees), rtol=1e-11, atol=1e-14)


def test_one_degree_is_the_cauchy_distribution():
    t = np.geomspace(1e-8, 1e8, 80)
    np.testing.assert_allclose(
        [student_tail(value, 1) for value in t], stats.cauchy.sf(t), rtol=1e-13
    )
    assert student_quantile(0.975, 1) == pytest.approx(stats.cauchy.ppf(0.975), rel=1e-13)


def test_the_ends_are_reached():
    assert student_tail(float("inf"), 4) == 0
    assert student_tail(float("-inf"), 4) == 1
    assert student_tail(1e200, 4) == 0
