"""How models of boxes are compared and scored."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.detection_world import FEW, draw
from topwork.metrics.detection import Detections
from topwork.metrics.paired import paired_items
from topwork.tasks.boxes.task import BOXES


def test_losses_average_to_the_score_and_tell_models_apart():
    sample = draw(FEW, np.random.default_rng(0), 80)
    rng = np.random.default_rng(1)
    blurred = [
        Detections.of(found.corners, found.classes, rng.random(len(found)))
        for found in sample.detections
    ]
    losses = BOXES.losses(sample.targets, sample.detections)
    score = BOXES.scores(sample.targets, sample.detections).ap50.value
    assert losses.shape == (80,)
    assert 1 - losses.mean() == pytest.approx(score)
    test = paired_items(losses - BOXES.losses(sample.targets, blurred))
    assert test.significant
    assert test.difference < 0


def test_two_equal_models_are_rarely_found_different():
    differs = 0
    for i in range(150):
        rng = np.random.default_rng([2, i])
        sample = draw(FEW, rng, 60)
        one, other = (
            BOXES.losses(
                sample.targets,
                [
                    Detections.of(f.corners, f.classes, f.scores * rng.uniform(0.5, 1, len(f)))
                    for f in sample.detections
                ],
            )
            for _ in range(2)
        )
        differs += paired_items(one - other).significant
    assert differs <= 15  # 5 % promised: more than 15 of 150 once in 300 times


def test_nothing_found_loses_everything():
    sample = draw(FEW, np.random.default_rng(0), 20)
    nothing = BOXES.constant(sample.targets)
    assert BOXES.scores(sample.targets, nothing).ap50.value == 0
    assert BOXES.losses(sample.targets, nothing) == pytest.approx(np.ones(20))
