"""Two scorings of the same boxes."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.detection_world import FEW, draw
from topwork.data.targets.boxes import BoxTargets, ImageBoxes
from topwork.metrics.detection.comparison import compare_scorings
from topwork.metrics.detection.detections import Detections, rescored
from topwork.metrics.detection.matching import match_detections


def shifted(sample, rng, gain):
    """Scores of right and false detections moved apart by ``gain`` log odds, with noise."""
    counts = [len(found) for found in sample.detections]
    matches = match_detections(sample.targets, sample.detections, overlaps=(0.5,))
    right, _ = matches.verdicts(counts)
    scores = np.concatenate([found.scores for found in sample.detections])
    odds = np.log(scores / (1 - scores)) + rng.normal(0, 0.5, len(scores)) + gain * right
    return rescored(sample.detections, 1 / (1 + np.exp(-odds)))


def test_better_scores_leave_fewer_false_detections():
    sample = draw(FEW, np.random.default_rng(0), 150)
    change = compare_scorings(
        sample.targets,
        sample.detections,
        shifted(sample, np.random.default_rng(1), 2.0),
        recall=0.8,
    )
    assert change.fewer
    assert change.difference == pytest.approx(change.after - change.before)
    assert change.low <= change.difference <= change.high


def test_two_noisy_scorings_are_rarely_different():
    fewer = better = covered = 0
    for i in range(60):
        rng = np.random.default_rng([2, i])
        sample = draw(FEW, rng, 60)
        one, other = shifted(sample, rng, 0.0), shifted(sample, rng, 0.0)
        change = compare_scorings(sample.targets, one, other, recall=0.8)
        fewer, better = fewer + change.fewer, better + change.better
        covered += change.precision_low <= 0 <= change.precision_high
    assert fewer <= 5  # 2.5 % promised: more than 5 of 60 once in 250 times
    assert better <= 7  # 5 % at most: more than 7 of 60 once in 100 times
    assert covered >= 52  # 95 % promised


def test_a_gain_in_precision_is_enough_where_few_images_hide_it_at_one_recall():
    """The order of all boxes improves; what few hard objects cost at a high recall says little."""
    better = fewer = 0
    for i in range(20):
        rng = np.random.default_rng([4, i])
        sample = draw(FEW, rng, 60)
        one, other = shifted(sample, rng, 0.0), shifted(sample, rng, 0.5)
        change = compare_scorings(sample.targets, one, other, recall=0.9)
        assert change.precision > 0
        better, fewer = better + change.better, fewer + change.fewer
    assert better > fewer
    assert better >= 12


def test_the_same_scores_do_not_differ():
    sample = draw(FEW, np.random.default_rng(0), 40)
    change = compare_scorings(sample.targets, sample.detections, sample.detections)
    assert (change.difference, change.low, change.high) == (0, 0, 0)
    assert not change.fewer


def test_an_unreachable_recall_is_replaced():
    targets = BoxTargets(("a",), (ImageBoxes.of([(0, 0, 9, 9), (40, 0, 50, 9)], [0, 0]),) * 10)
    found = [Detections.of([(0, 0, 9, 9)], [0], [0.9])] * 10
    assert compare_scorings(targets, found, found).recall == pytest.approx(0.4)
