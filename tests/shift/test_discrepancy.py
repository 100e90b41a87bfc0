import numpy as np
import pytest

from topwork.errors import DataError
from topwork.heads.linear import normalise_rows
from topwork.shift import mmd as module
from topwork.shift.mmd import MMDTest, gaussian_kernel, mmd_test


def normal(seed, n, d=20, shift=0.0):
    rows = np.random.default_rng(seed).standard_normal((n, d)) + 1
    rows[:, 0] += shift
    return rows


def test_it_is_the_unbiased_estimate():
    first, second = normal(0, 12), normal(1, 9, shift=2)
    found = mmd_test(first, second)
    rows = normalise_rows(np.concatenate([first, second]))
    K = np.exp(-np.square(rows[:, None] - rows[None]).sum(axis=2) / (2 * found.bandwidth**2))
    xx, yy, xy = K[:12, :12], K[12:, 12:], K[:12, 12:]
    expected = (xx.sum() - 12) / 132 + (yy.sum() - 9) / 72 - 2 * xy.mean()
    assert found.squared == pytest.approx(expected, abs=1e-5)


def test_chance_alone_is_rarely_found():
    found = [mmd_test(normal(2 * i, 30), normal(2 * i + 1, 20), seed=i) for i in range(200)]
    assert 0.015 <= np.mean([f.p <= 0.05 for f in found]) <= 0.095
    # Unbiased: about half of the estimates are below 0.
    assert 0.35 <= np.mean([f.squared < 0 for f in found]) <= 0.75
    assert np.mean([f.deviations for f in found]) == pytest.approx(0, abs=0.3)


def test_a_difference_is_found_and_its_effect_does_not_grow_with_items():
    few, many = (mmd_test(normal(0, n, shift=3), normal(1, n)) for n in (100, 800))
    assert few.p < 0.01
    assert many.effect == pytest.approx(few.effect, rel=0.25)
    assert many.deviations > 3 * few.deviations


def test_other_spreads_are_found_too():
    first, second = normal(0, 200), 1 + 3 * (normal(1, 200) - 1)
    assert mmd_test(first, second).p < 0.01


def test_groups_keep_the_test_honest():
    alike, naive = 0, 0
    for i in range(60):
        rng = np.random.default_rng(i)
        centres = rng.standard_normal((24, 10)).repeat(5, axis=0)
        rows = centres + 0.2 * rng.standard_normal((120, 10))
        groups = np.arange(60) // 5
        alike += mmd_test(rows[:60], rows[60:], first_groups=groups, second_groups=groups).p < 0.05
        naive += mmd_test(rows[:60], rows[60:]).p < 0.05
    assert alike / 60 <= 0.15 < naive / 60


def test_equal_rows_are_no_trouble():
    found = mmd_test(np.ones((10, 3)), np.ones((10, 3)))
    assert (found.squared, found.p) == (pytest.approx(0, abs=1e-6), 1)
    assert gaussian_kernel(np.ones((3, 2), np.float32), np.random.default_rng(0))[1] == 1


def test_many_items_are_sampled_and_it_is_the_same_every_time(monkeypatch):
    monkeypatch.setattr(module, "MAX_COMPARED", 50)
    first, groups = normal(0, 120), np.arange(120) // 2
    found = mmd_test(first, normal(1, 60), first_groups=groups)
    assert (found.n_first, found.n_second) == (50, 50)
    assert found == mmd_test(first, normal(1, 60), first_groups=groups)
    assert MMDTest.model_validate_json(found.model_dump_json()) == found


def test_too_few_cannot_be_compared():
    with pytest.raises(DataError, match="to compare"):
        mmd_test(normal(0, 7), normal(1, 100))
