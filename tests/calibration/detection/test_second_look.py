"""The second look helps where features tell more than scores, and is judged honestly."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.detection_world import FEW, draw, seen_features
from topwork.calibration.detection import BoxFeatures, box_features, fit_second_look
from topwork.calibration.detection.box_features import BOX_COLUMNS
from topwork.errors import DataError, ParameterError
from topwork.metrics.detection import Detections, match_detections
from topwork.metrics.detection.comparison import compare_scorings
from topwork.metrics.detection.detections import rescored

SIZE = (640, 480)


def second_look(sample, rng, strength, *, n_features=24):
    """Cross-fitted probabilities, and the detections scored by them."""
    n = len(sample.targets)
    counts = [len(found) for found in sample.detections]
    right, judged = match_detections(sample.targets, sample.detections).verdicts(counts)
    features = box_features(
        sample.detections,
        np.tile(SIZE, (n, 1)),
        np.split(seen_features(rng, right, strength, n_features), np.cumsum(counts)[:-1]),
    )
    fit = fit_second_look(features, right, judged, np.arange(n) % 5, n_classes=1)
    return fit, features, right, rescored(sample.detections, fit.held_out)


def test_features_that_tell_right_from_false_lower_false_detections():
    rng = np.random.default_rng(0)
    sample = draw(FEW, rng, 200)
    fit, features, right, after = second_look(sample, rng, 2.0)
    change = compare_scorings(sample.targets, sample.detections, after, recall=0.8)
    assert change.fewer
    assert change.after < 0.75 * change.before
    own = fit.look.probabilities(features)
    assert np.corrcoef(own, fit.held_out)[0, 1] > 0.95
    assert fit.held_out[right].mean() > fit.held_out[~right].mean() + 0.3


def test_features_of_noise_are_penalised_and_promise_nothing():
    rng = np.random.default_rng(1)
    sample = draw(FEW, rng, 150)
    fit, *_ = second_look(sample, rng, 0.0, n_features=60)
    assert fit.penalty >= 3e2
    assert np.abs(fit.look.weights[BOX_COLUMNS:]).max() < 0.1


def test_held_out_probabilities_do_not_know_their_own_images():
    rng = np.random.default_rng(2)
    sample = draw(FEW, rng, 60)
    n = len(sample.targets)
    counts = [len(found) for found in sample.detections]
    right, judged = match_detections(sample.targets, sample.detections).verdicts(counts)
    features = box_features(sample.detections, np.tile(SIZE, (n, 1)))
    folds = np.arange(n) % 3
    own = folds[features.image] == 1
    one = fit_second_look(features, right, judged, folds, n_classes=1)
    other = fit_second_look(features, np.where(own, ~right, right), judged, folds, n_classes=1)
    assert np.array_equal(one.held_out[own], other.held_out[own])
    assert not np.array_equal(one.held_out[~own], other.held_out[~own])


def test_box_columns():
    found = Detections.of(
        [(0, 0, 40, 20), (100, 100, 140, 140), (100, 100, 140, 138)], [0, 0, 0], [0.5, 0.9, 0.8]
    )
    rows = box_features([found, Detections.none()], np.array([[400, 200], [9, 9]])).rows
    odds, _, size, aspect, border, covered, count = rows.T
    assert odds[2] == pytest.approx(0)
    assert size[2] == pytest.approx(np.log(0.1))
    assert aspect[2] == pytest.approx(np.log(2))
    assert border == pytest.approx([1, 1, 0])
    assert covered == pytest.approx([0, 0.95, 0])
    assert count == pytest.approx([0, np.log(2), 0])


def test_shapes_must_agree():
    with pytest.raises(ParameterError, match="sizes has 0 rows"):
        box_features([Detections.none()], np.empty((0, 2), int))
    with pytest.raises(ParameterError, match="one row for each detection"):
        box_features([Detections.none()], np.array([[9, 9]]), [np.ones((1, 4))])


def test_too_little_to_learn_from_is_said():
    features = BoxFeatures(
        np.random.default_rng(0).normal(size=(60, BOX_COLUMNS)),
        np.zeros(60, int),
        np.arange(60),
    )
    every = np.ones(60, bool)
    with pytest.raises(DataError, match="5 right and 55 false"):
        fit_second_look(features, np.arange(60) < 5, every, np.arange(60) % 3, n_classes=1)
    with pytest.raises(DataError, match="one fold"):
        fit_second_look(features, np.arange(60) < 30, every, np.zeros(60, int), n_classes=1)
