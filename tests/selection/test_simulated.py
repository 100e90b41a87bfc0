"""The benchmark's promises, with fewer repeats."""

import numpy as np
import pytest

from benchmarks.simulated import (
    World,
    calibration,
    interval_coverage,
    nearest_mean,
    null_rejections,
    ridge,
)
from topwork.errors import ParameterError
from topwork.validation.repeated import judge_repeats

REPEATS = 100
#: 95 % intervals cover 100 truths less often than this once in a hundred.
MIN = 0.89


@pytest.mark.parametrize("group", [1, 4])
@pytest.mark.parametrize(("n", "repeats"), [(60, REPEATS), (300, REPEATS), (2000, 25)])
def test_intervals_cover_what_cross_validation_estimates(n, repeats, group):
    coverage = interval_coverage(World(n, group=group), nearest_mean, repeats=repeats)
    assert coverage.covered >= MIN
    if repeats == REPEATS:
        assert coverage.width <= 1.5


@pytest.mark.parametrize("times", [1, 3])
def test_intervals_of_less_stable_heads_cover_too(times):
    world = World(60, group=4)
    assert interval_coverage(world, ridge, repeats=100, n_repeated=times).covered >= 0.87


@pytest.mark.parametrize(
    ("world", "head"), [(World(60), ridge), (World(300, group=4), nearest_mean)]
)
def test_equal_models_are_rarely_found_different(world, head):
    rejections = null_rejections(world, head, repeats=REPEATS)
    assert rejections.folds <= 0.09
    assert rejections.items <= 0.06


@pytest.mark.parametrize(
    ("world", "head"),
    [
        (World(60), nearest_mean),
        (World(60, k=3, separation=1.5), nearest_mean),
        (World(300), ridge),
        (World(300, k=10, separation=2), nearest_mean),
        (World(300, group=4), nearest_mean),
    ],
)
def test_probabilities_mean_what_they_say_on_fresh_items(world, head):
    found = calibration(world, head, repeats=40)
    assert found.error_after <= found.error_before + 0.003
    assert found.loss_after <= found.loss_before + 0.003
    assert found.covered == pytest.approx(0.9, abs=0.025)


def test_repeats_do_not_pass_for_items():
    codes = np.arange(90) % 3
    rows = np.eye(3)[np.where(np.arange(90) % 5, codes, (codes + 1) % 3)]
    groups = np.arange(90) // 3
    once, thrice = (
        judge_repeats(codes, np.stack([rows] * r), ["a", "b", "c"], groups=groups) for r in (1, 3)
    )
    assert thrice.scores.accuracy.value == once.scores.accuracy.value
    assert thrice.per_class[0].n == 30
    widths = [j.scores.accuracy.high - j.scores.accuracy.low for j in (once, thrice)]
    assert widths[1] == pytest.approx(widths[0], rel=0.1)


def test_repeats_have_a_table_each():
    with pytest.raises(ParameterError, match="shape"):
        judge_repeats(np.array([0, 1]), np.eye(2), ["a", "b"])
