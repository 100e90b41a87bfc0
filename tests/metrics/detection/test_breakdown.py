"""Average precision by class and size."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.detection_world import CELLS, draw
from tests.metrics.detection.drawn import random_set
from topwork.metrics.detection import SIZES, average_precision, detection_scores, match_detections
from topwork.metrics.detection.breakdown import class_precisions, size_precisions
from topwork.metrics.intervals import Units


def test_classes_average_to_the_score():
    sample = draw(CELLS, np.random.default_rng(0), 60)
    matches = match_detections(sample.targets, sample.detections)
    classes = class_precisions(matches, sample.targets.labels, Units.of(60))
    scores = detection_scores(sample.targets, sample.detections)
    assert np.mean([c.ap50.value for c in classes]) == pytest.approx(scores.ap50.value)
    assert np.mean([c.ap.value for c in classes]) == pytest.approx(scores.ap.value)
    common, rare = classes[0], classes[2]
    assert common.n_objects == sample.targets.counts()[0]
    assert common.n_images == sample.targets.image_counts()[0]
    assert rare.ap50.high - rare.ap50.low > common.ap50.high - common.ap50.low


@pytest.mark.parametrize("seed", range(5))
def test_sizes_are_those_of_coco(seed):
    targets, detections = random_set(seed)
    found = size_precisions(targets, detections)
    for size in SIZES:
        values = average_precision(match_detections(targets, detections, size=size))
        if np.isfinite(values).any():
            assert found[size.name].value == pytest.approx(np.nanmean(values))
        else:
            assert found[size.name] is None
