"""A change of camera or light is told from defective parts."""

from __future__ import annotations

import numpy as np
import pytest

from topwork.calibration.false_alarms import GoodScores
from topwork.shift.moved_scores import moved_scores

REPEATS = 400


def _share(
    n: int, m: int, *, defective: float = 0.0, by: float = 0.0, spread: float = 1.0
) -> float:
    """How often a batch of m parts is said to have moved."""
    rng, told = np.random.default_rng(n + m), 0
    for _ in range(REPEATS):
        good = GoodScores.of(rng.normal(size=n), np.arange(n))
        new = spread * rng.normal(size=m) + by
        new[: round(defective * m)] += 20
        told += moved_scores(good, rng.permutation(new)) is not None
    return told / REPEATS


@pytest.mark.parametrize("m", [12, 50, 300])
@pytest.mark.parametrize("defective", [0.0, 0.1, 0.25])
def test_few_defective_parts_are_no_change_of_all(m: int, defective: float) -> None:
    assert _share(60, m, defective=defective) <= 0.02


def test_a_change_of_all_parts_is_told() -> None:
    assert _share(60, 30, by=2.0) > 0.95
    assert _share(60, 100, by=1.5) > 0.95
    assert _share(60, 30, by=-1.2) > 0.9


def test_the_direction_is_told_with_what_it_means() -> None:
    good = GoodScores.of(np.arange(60.0), np.arange(60))
    higher, lower = (moved_scores(good, np.arange(20.0) + by) for by in (50, -5))
    assert higher is not None
    assert lower is not None
    assert (higher.direction, lower.direction) == ("higher", "lower")
    assert "does not hold" in higher.sentence
    assert "may be missed" in lower.sentence
    assert moved_scores(good, np.arange(11.0) + 50) is None


def test_images_of_one_part_count_as_one_good_part() -> None:
    """Twenty parts in ten images each say no more than twenty parts."""
    rng, told = np.random.default_rng(0), 0
    for _ in range(REPEATS):
        parts = rng.normal(size=20).repeat(10)
        good = GoodScores.of(parts + 0.01 * rng.normal(size=200), np.arange(200) // 10)
        told += moved_scores(good, rng.normal(size=40)) is not None
    assert told / REPEATS <= 0.02
