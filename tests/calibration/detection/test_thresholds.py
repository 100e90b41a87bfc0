"""Promises about missed objects and false detections, kept over many random halves."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.detection_world import CELLS, FEW, GROUPED, draw
from topwork.calibration.detection import threshold_for_false, threshold_for_miss
from topwork.data.targets.boxes import BoxTargets, ImageBoxes
from topwork.errors import DataError, ParameterError
from topwork.metrics.detection import Detections, match_detections
from topwork.metrics.detection.operating_point import false_counts, missed_shares
from topwork.metrics.intervals import Units

HALVES = 150
BOX, AWAY = (0, 0, 10, 10), (50, 50, 60, 60)


def judged(sample):
    return match_detections(sample.targets, sample.detections, overlaps=(0.5,))


def missed(matches, threshold):
    shares = missed_shares(matches, threshold)
    return shares[np.isfinite(shares)]


def halves(world, n, promise):
    """Mean realised risk on the other half, over random halves of several data sets."""
    realised = []
    for i in range(HALVES):
        rng = np.random.default_rng([4, i])
        if i % 10 == 0:
            sample = draw(world, rng, n)
        order = rng.permutation(n)
        one, other = sample.take(order[: n // 2]), sample.take(order[n // 2 :])
        realised.append(promise(judged(one), judged(other)))
    return float(np.mean(realised))


@pytest.mark.parametrize(("world", "n", "miss"), [(FEW, 240, 0.3), (CELLS, 160, 0.2)])
def test_the_share_missed_is_as_promised(world, n, miss):
    def promise(one, other):
        return missed(other, threshold_for_miss(one, miss).threshold).mean()

    assert miss - 0.03 <= halves(world, n, promise) <= miss + 0.01


@pytest.mark.parametrize(("world", "n", "rate"), [(FEW, 240, 0.5), (CELLS, 300, 0.3)])
def test_false_detections_are_as_promised(world, n, rate):
    def promise(one, other):
        return false_counts(other, threshold_for_false(one, rate).threshold).mean()

    assert rate - 0.03 <= halves(world, n, promise) <= rate + 0.02


def test_thresholds_are_the_best_that_keep_their_promise():
    matches = judged(draw(FEW, np.random.default_rng(0), 150))
    found = threshold_for_miss(matches, 0.3)
    m = len(missed(matches, 0))
    scores = np.unique(matches.flat.scores)
    bounds = [(m * missed(matches, s).mean() + 1) / (m + 1) for s in scores]
    assert found.threshold == pytest.approx(scores[np.flatnonzero(np.array(bounds) <= 0.3).max()])
    assert found.expected.value == pytest.approx(missed(matches, found.threshold).mean())
    assert found.expected.low < found.expected.value < found.expected.high

    found = threshold_for_false(matches, 0.5)
    kept = []
    for s in scores[::-1]:
        counts = false_counts(matches, s)
        dispersion = max(counts.var(ddof=1) / max(counts.mean(), 1e-9), 1)
        if (counts.sum() + dispersion) / len(counts) > 0.5:
            break
        kept.append(s)
    assert found.threshold == pytest.approx(kept[-1])
    assert found.expected.value == pytest.approx(false_counts(matches, kept[-1]).mean())


def test_groups_make_promises_dearer():
    sample = draw(GROUPED, np.random.default_rng(1), 160)
    matches, units = judged(sample), Units.of(160, sample.groups)
    assert (
        threshold_for_miss(matches, 0.3, units=units).threshold
        < threshold_for_miss(matches, 0.3).threshold
    )
    assert (
        threshold_for_false(matches, 0.5, units=units).threshold
        >= threshold_for_false(matches, 0.5).threshold
    )


def test_groups_are_counted_as_one():
    sample = draw(GROUPED, np.random.default_rng(1), 80)
    matches, units = judged(sample), Units.of(80, sample.groups)
    found = threshold_for_false(matches, 0.5, units=units)
    totals = units.total(false_counts(matches, found.threshold).astype(float))
    dispersion = max(totals.var(ddof=1) / totals.mean(), 1)
    assert (totals.sum() + dispersion) / 80 <= 0.5 + 1e-9


def set_of(n, found, objects=((BOX), (AWAY))):
    targets = BoxTargets(("a",), (ImageBoxes.of(objects, [0] * len(objects)),) * n)
    return match_detections(targets, [found] * n)


def test_too_few_images_are_said():
    found = threshold_for_miss(set_of(9, Detections.of([BOX, AWAY], [0, 0], [0.9, 0.8])), 0.05)
    assert found.threshold is None
    assert found.expected is None
    assert found.needed == 19
    assert "19 are needed" in found.reason
    half = threshold_for_miss(set_of(9, Detections.of([BOX], [0], [0.9])), 0.52)
    assert half.needed == 24
    found = threshold_for_false(set_of(9, Detections.of([BOX], [0], [0.9])), 0.1)
    assert found.threshold is None
    assert found.needed == 10


def test_a_detector_that_misses_too_much_is_said():
    found = threshold_for_miss(set_of(90, Detections.of([BOX], [0], [0.9])), 0.3)
    assert found.threshold is None
    assert found.needed is None
    assert found.reason.startswith("50.0 % of the objects are missed")


def test_nothing_found_misses_everything():
    found = threshold_for_miss(set_of(90, Detections.none()), 0.3)
    assert found.threshold is None
    assert "100.0 %" in found.reason


def test_false_detections_that_are_the_most_confident_are_said():
    found = threshold_for_false(
        set_of(90, Detections.of([(90, 90, 99, 99), BOX], [0, 0], [0.9, 0.8])), 0.3
    )
    assert found.threshold is None
    assert found.needed is None
    assert "most confident" in found.reason


def test_without_objects_there_is_nothing_to_miss():
    with pytest.raises(DataError, match="no objects"):
        threshold_for_miss(set_of(5, Detections.of([BOX], [0], [0.9]), ()), 0.3)


@pytest.mark.parametrize("miss", [0, 1, -0.1, float("nan")])
def test_a_share_lies_between_0_and_1(miss):
    with pytest.raises(ParameterError, match="miss is"):
        threshold_for_miss(set_of(5, Detections.none()), miss)


@pytest.mark.parametrize("rate", [0, -1, float("nan"), float("inf")])
def test_a_rate_is_above_0(rate):
    with pytest.raises(ParameterError, match="false_per_image is"):
        threshold_for_false(set_of(5, Detections.none()), rate)
