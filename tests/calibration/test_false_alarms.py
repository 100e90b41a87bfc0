"""A promised rate of false alarms, over many simulated sets of good parts."""

from __future__ import annotations

import numpy as np
import pytest

from topwork.calibration.false_alarms import (
    GoodScores,
    check_promisable,
    least_rate,
    promised_rate,
)
from topwork.errors import DataError

REPEATS = 400


@pytest.mark.parametrize(("n", "rate"), [(60, 0.05), (300, 0.05), (300, 0.01)])
def test_new_good_parts_are_called_anomalous_as_often_as_promised(n: int, rate: float) -> None:
    rng = np.random.default_rng(0)
    interval, realised = promised_rate(n, rate), []
    for _ in range(REPEATS):
        good = GoodScores.of(rng.gamma(3.0, size=n), np.arange(n))
        threshold = good.threshold(rate)
        realised.append((rng.gamma(3.0, size=4000) > threshold).mean())
    assert np.mean(realised) == pytest.approx(interval.value, abs=0.005)
    assert np.mean(realised) <= rate + 0.005
    assert interval.high is not None
    inside = (np.array(realised) >= interval.low) & (np.array(realised) <= interval.high)
    assert inside.mean() >= 0.93


@pytest.mark.parametrize("n_parts", [25, 80])
def test_images_of_one_part_count_as_one(n_parts: int) -> None:
    """Counted as independent, they would promise less than comes true where there are few."""
    rng, realised = np.random.default_rng(1), []
    for _ in range(REPEATS):
        sizes = rng.integers(1, 9, n_parts)
        groups = np.repeat(np.arange(n_parts), sizes)
        own = rng.normal(size=n_parts)[groups] + 0.3 * rng.normal(size=len(groups))
        threshold = GoodScores.of(own, groups).threshold(0.05)
        new = rng.normal(size=2000) + 0.3 * rng.normal(size=2000)
        realised.append((new > threshold).mean())
    assert 0.01 < np.mean(realised) <= 0.055


def test_a_p_value_says_the_same_as_the_threshold() -> None:
    rng = np.random.default_rng(2)
    good = GoodScores.of(rng.normal(size=70), np.arange(70) // 1)
    scores = np.concatenate([rng.normal(size=500) * 2, good.values])
    anomalous = scores > good.threshold(0.1)
    assert (anomalous == (good.p_values(scores) <= 0.1)).all()
    assert 0 < anomalous.mean() < 1


def test_a_rate_that_cannot_be_promised_is_refused_with_the_least_one() -> None:
    check_promisable(19, 0.05)
    with pytest.raises(DataError, match=r"18 good parts can promise .* 5.3 % at least, not 5 %"):
        GoodScores.of(np.arange(18.0), np.arange(18)).threshold(0.05)
    with pytest.raises(DataError, match="Give 99 good parts or more") as caught:
        promised_rate(50, 0.01)
    allowed = float(caught.value.remedy.partition("--false-alarms ")[2].split()[0])
    assert f"false_alarms={allowed:g} in Python" in caught.value.remedy
    check_promisable(50, allowed)
    assert least_rate(99) == pytest.approx(0.01)
