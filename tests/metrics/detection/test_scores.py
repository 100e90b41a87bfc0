"""Scores of detectors, and how often their intervals hold the truth."""

from __future__ import annotations

import time

import numpy as np
import pytest

from benchmarks.detection_world import CELLS, FEW, GROUPED, draw
from tests.metrics.detection.drawn import random_set
from topwork.data.targets.boxes import BoxTargets, ImageBoxes
from topwork.errors import DataError
from topwork.metrics.detection import (
    Detections,
    average_precision,
    detection_scores,
    match_detections,
)
from topwork.metrics.detection.froc import Froc, recall_at_rates
from topwork.metrics.detection.resampling import resampled_weights
from topwork.metrics.detection.scores import RATES, resampled_recalls
from topwork.metrics.intervals import Units

REPEATS = 100
#: Of 100 repeats, an interval of exactly 95 % covers fewer about once in two hundred settings.
MIN = 0.89
NAMES = ("ap50", "ap", "recall_at_01", "recall_at_05", "recall_at_1", "recall_at_2")


def values(sample):
    matches = match_detections(sample.targets, sample.detections)
    precision = np.nanmean(average_precision(matches), axis=1)
    return precision[0], precision.mean(), *recall_at_rates(Froc.of(matches), RATES)[0]


@pytest.mark.parametrize(("world", "n"), [(FEW, 60), (CELLS, 60), (GROUPED, 100)])
def test_intervals_hold_what_many_images_give(world, n):
    truth = values(draw(world, np.random.default_rng(0), 20_000))
    covered = np.zeros(6)
    for i in range(REPEATS):
        sample = draw(world, np.random.default_rng([1, i]), n)
        scores = detection_scores(
            sample.targets, sample.detections, sample.groups if world.group > 1 else None
        )
        found = [getattr(scores, name) for name in NAMES]
        covered += [s.low <= t <= s.high for s, t in zip(found, truth, strict=True)]
    assert (covered / REPEATS >= MIN).all(), covered / REPEATS


@pytest.mark.parametrize("seed", range(20))
def test_values_lie_in_their_intervals(seed):
    targets, detections = random_set(seed)
    if not sum(image.ignored.size - image.ignored.sum() for image in targets.images):
        with pytest.raises(DataError, match="no objects"):
            detection_scores(targets, detections)
        return
    groups = None if seed % 2 else np.arange(len(targets)) // 2
    for score in dict(detection_scores(targets, detections, groups)).values():
        assert 0 <= score.low <= score.value <= score.high <= 1


def test_scores_do_not_depend_on_the_order_of_the_images():
    sample = draw(CELLS, np.random.default_rng(3), 40)
    order = np.random.default_rng(4).permutation(40)
    one = detection_scores(sample.targets, sample.detections)
    other = sample.take(order)
    again = detection_scores(other.targets, other.detections)
    for name in NAMES:
        assert getattr(one, name).value == pytest.approx(getattr(again, name).value)


def test_groups_and_folds_widen_intervals():
    sample = draw(GROUPED, np.random.default_rng(5), 100)
    plain = detection_scores(sample.targets, sample.detections).ap50
    grouped = detection_scores(sample.targets, sample.detections, sample.groups).ap50
    folds = detection_scores(sample.targets, sample.detections, cross_validated=True).ap50
    assert grouped.high - grouped.low > plain.high - plain.low
    assert folds.high - folds.low > plain.high - plain.low


def test_one_group_says_nothing():
    sample = draw(FEW, np.random.default_rng(6), 20)
    scores = detection_scores(sample.targets, sample.detections, np.zeros(20, int))
    assert (scores.ap50.low, scores.ap50.high) == (0, 1)
    assert (scores.recall_at_1.low, scores.recall_at_1.high) == (0, 1)


def test_all_right_is_not_certain():
    image = ImageBoxes.of([(0, 0, 10, 10)], [0])
    targets = BoxTargets(("a",), (image,) * 30)
    scores = detection_scores(targets, [Detections.of([(0, 0, 10, 10)], [0], [0.9])] * 30)
    assert scores.ap50.value == scores.recall_at_01.value == 1
    assert 0.8 < scores.ap50.low < 0.95
    assert 0.8 < scores.recall_at_01.low < 0.95


def test_leaving_out_low_scores_changes_no_draw():
    sample = draw(FEW, np.random.default_rng(8), 80)
    froc = Froc.of(match_detections(sample.targets, sample.detections))
    weights = resampled_weights(Units.of(80), 50)
    assert np.array_equal(resampled_recalls(froc, weights), recall_at_rates(froc, RATES, weights))


def test_a_whole_record_is_fast():
    sample = draw(CELLS, np.random.default_rng(9), 400)
    begun = time.process_time()
    detection_scores(sample.targets, sample.detections)
    assert time.process_time() - begun < 5
