"""Recall at rates of false detections, and the reverse."""

from __future__ import annotations

import numpy as np
import pytest

from tests.metrics.detection.drawn import random_set
from topwork.metrics.detection import match_detections
from topwork.metrics.detection.froc import Froc, false_at_recall, recall_at_rates
from topwork.metrics.detection.resampling import resampled_weights
from topwork.metrics.intervals import Units


def by_thresholds(froc, weights):
    """False detections per image and recall at every threshold, the slow way."""
    points = [(0.0, 0.0)]
    for threshold in np.unique(froc.scores):
        own = weights[froc.image] * (froc.scores >= threshold)
        points.append(
            (own @ froc.false / weights.sum(), own @ froc.right / (weights @ froc.objects))
        )
    return np.array(points)


@pytest.mark.parametrize("seed", range(12))
def test_it_is_what_every_threshold_tried_gives(seed):
    targets, detections = random_set(100 + seed)
    froc = Froc.of(match_detections(targets, detections))
    weights = resampled_weights(Units.of(len(targets)), 5, seed=seed)
    weights = weights[weights @ froc.objects > 0]
    rates = [0, 0.3, 1, 2]
    found = recall_at_rates(froc, rates, weights)
    for row, own in zip(weights, found, strict=True):
        false, recall = by_thresholds(froc, row).T
        assert own == pytest.approx([recall[false <= rate + 1e-9].max() for rate in rates])
    least = false_at_recall(froc, 0.6, weights)
    for row, own in zip(weights, least, strict=True):
        false, recall = by_thresholds(froc, row).T
        assert own == pytest.approx(min(false[recall >= 0.6 - 1e-9], default=np.inf))


def test_equal_scores_are_not_divided():
    froc = Froc(
        image=np.array([0, 0]),
        right=np.array([True, False]),
        false=np.array([False, True]),
        scores=np.array([0.5, 0.5]),
        objects=np.array([1]),
    )
    assert recall_at_rates(froc, [0.5, 1])[0].tolist() == [0, 1]
    assert false_at_recall(froc, 1.0).tolist() == [1]


def test_weights_keep_groups_whole():
    weights = resampled_weights(Units.of(6, list("aabbcc")), 50)
    assert (weights[:, ::2] == weights[:, 1::2]).all()
    assert (weights.sum(axis=1) == 6).all()
    assert np.ptp(weights) > 1
