"""What a threshold does to images of other data."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.detection_world import CELLS, draw
from topwork.data.targets.boxes import BoxTargets, ImageBoxes
from topwork.metrics.detection import Detections, match_detections
from topwork.metrics.detection.false_detections import false_detections
from topwork.metrics.detection.operating_point import operating_point
from topwork.metrics.intervals import Units


def test_it_counts_as_the_kinds_of_false_detections_do():
    sample = draw(CELLS, np.random.default_rng(0), 50)
    matches = match_detections(sample.targets, sample.detections)
    for threshold in (0.1, 0.5, 0.8):
        point = operating_point(matches, threshold, Units.of(50))
        kinds = false_detections(matches, threshold=threshold)
        assert (point.right, point.false, point.missed) == (kinds.right, kinds.false, kinds.missed)
        assert point.false_per_image.value == pytest.approx(kinds.false / 50)
        assert point.missed_share.low < point.missed_share.value < point.missed_share.high <= 1


def test_a_threshold_given_in_double_precision_keeps_its_own_detection():
    targets = BoxTargets(("a",), (ImageBoxes.of([(0, 0, 9, 9)], [0]),) * 3)
    matches = match_detections(targets, [Detections.of([(0, 0, 9, 9)], [0], [0.9])] * 3)
    assert operating_point(matches, 0.9, Units.of(3)).right == 3


def test_without_objects_nothing_is_missed():
    targets = BoxTargets(("a",), (ImageBoxes.none(),) * 3)
    matches = match_detections(targets, [Detections.of([(0, 0, 9, 9)], [0], [0.9])] * 3)
    point = operating_point(matches, 0.5, Units.of(3))
    assert point.missed_share is None
    assert point.false_per_image.value == 1
