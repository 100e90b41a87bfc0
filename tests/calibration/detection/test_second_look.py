"""The second look helps where features tell more than scores, and is judged honestly."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.detection_world import CONFUSED, FEW, draw, seen_features
from topwork.calibration.detection import (
    BoxFeatures,
    SecondLook,
    box_features,
    fit_second_look,
)
from topwork.calibration.detection.box_features import BOX_COLUMNS
from topwork.calibration.detection.class_evidence import FoldedEvidence
from topwork.errors import DataError, ParameterError
from topwork.metrics.detection import Detections, match_detections
from topwork.metrics.detection.comparison import compare_scorings
from topwork.metrics.detection.detections import rescored
from topwork.metrics.detection.objects_shown import objects_shown

SIZE = (640, 480)


def second_look(sample, network=None, *, n_folds=5):
    """Cross-fitted probabilities, and the detections scored by them."""
    n, k = len(sample.targets), len(sample.targets.labels)
    counts = [len(found) for found in sample.detections]
    matches = match_detections(sample.targets, sample.detections)
    right, judged = matches.verdicts(counts)
    split = None if network is None else np.split(network, np.cumsum(counts)[:-1])
    features = box_features(sample.detections, np.tile(SIZE, (n, 1)), split)
    fit = fit_second_look(
        features, objects_shown(matches, counts), right, judged,
        folds=np.arange(n) % n_folds, n_classes=k,
    )  # fmt: skip
    return fit, features, right, rescored(sample.detections, fit.held_out)


def shown(sample):
    counts = [len(found) for found in sample.detections]
    return objects_shown(match_detections(sample.targets, sample.detections), counts)


def test_features_that_tell_right_from_false_lower_false_detections():
    rng = np.random.default_rng(0)
    sample = draw(FEW, rng, 200)
    network = seen_features(rng, shown(sample), 2.0, 24)
    fit, features, right, after = second_look(sample, network)
    change = compare_scorings(sample.targets, sample.detections, after, recall=0.8)
    assert change.fewer
    assert change.after < 0.75 * change.before
    own = fit.look.probabilities(features)
    assert np.corrcoef(own, fit.held_out)[0, 1] > 0.95
    assert fit.held_out[right].mean() > fit.held_out[~right].mean() + 0.3


def test_features_that_tell_the_classes_mend_wrong_ones():
    rng = np.random.default_rng(3)
    sample = draw(CONFUSED, rng, 150)
    truth = shown(sample)
    network = rng.normal(size=(len(truth), 12)) + 3 * np.eye(12)[truth]
    after = second_look(sample, network)[3]
    change = compare_scorings(sample.targets, sample.detections, after, recall=0.6)
    assert change.fewer
    assert change.after < 0.5 * change.before


def test_features_of_noise_promise_nothing():
    rng = np.random.default_rng(1)
    sample = draw(FEW, rng, 150)
    counts = sum(map(len, sample.detections))
    *_, after = second_look(sample, rng.normal(size=(counts, 60)))
    change = compare_scorings(sample.targets, sample.detections, after, recall=0.8)
    assert not change.fewer
    assert abs(change.difference) < 0.25 * change.before


@pytest.mark.parametrize("with_network", [False, True])
def test_held_out_probabilities_do_not_know_their_own_images(with_network):
    rng = np.random.default_rng(2)
    sample = draw(FEW, rng, 60)
    counts = [len(found) for found in sample.detections]
    matches = match_detections(sample.targets, sample.detections)
    right, judged = matches.verdicts(counts)
    network = rng.normal(size=(sum(counts), 6)) if with_network else None
    split = None if network is None else np.split(network, np.cumsum(counts)[:-1])
    features = box_features(sample.detections, np.tile(SIZE, (60, 1)), split)
    folds = np.arange(60) % 4
    own = folds[features.image] == 1
    one, other = (
        fit_second_look(features, 1 - truth.astype(int), truth, judged, folds=folds, n_classes=1)
        for truth in (right, np.where(own, ~right, right))
    )
    assert np.array_equal(one.held_out[own], other.held_out[own])
    assert not np.array_equal(one.held_out[~own], other.held_out[~own])


def test_evidence_is_that_of_scikit_learn():
    from sklearn.linear_model import Ridge

    rng = np.random.default_rng(4)
    truth, features = rng.integers(0, 4, 300), rng.normal(size=(300, 7)) * 3 + 5
    folds, every = np.arange(300) % 3, np.ones(300, bool)
    folded = FoldedEvidence(features, truth, judged=every, folds=folds, n_classes=3)
    weights = folded.weights((1,), 20.0)
    rows = (features - features.mean(axis=0)) / features.std(axis=0)
    peer = Ridge(alpha=20.0).fit(rows[folds != 1], np.eye(4)[truth[folds != 1]])
    expected = peer.predict(rows)
    assert folded.scores(weights, folds == 1) == pytest.approx(expected[folds == 1], abs=1e-3)
    columns = folded.evidence(weights).columns(features, np.zeros(300, int))
    assert columns[:, 0] == pytest.approx(expected[:, 0], abs=1e-3)
    assert columns[:, 1] == pytest.approx(expected[:, 1:3].max(axis=1), abs=1e-3)
    assert columns[:, 2] == pytest.approx(expected[:, 3], abs=1e-3)


def test_its_arrays_are_all_of_it():
    rng = np.random.default_rng(5)
    sample = draw(FEW, rng, 60)
    for network in (None, rng.normal(size=(sum(map(len, sample.detections)), 5))):
        fit, features, *_ = second_look(sample, network)
        again = SecondLook.from_arrays(fit.look.arrays())
        assert np.array_equal(again.probabilities(features), fit.look.probabilities(features))
        assert (again.evidence is None) == (network is None)


def test_box_columns():
    boxes = [(0, 0, 40, 20), (100, 100, 140, 140), (100, 100, 140, 138), (100, 100, 140, 140)]
    found = Detections.of(boxes, [0, 0, 0, 1], [0.5, 0.9, 0.8, 0.7])
    rows = box_features([found, Detections.none()], np.array([[400, 200], [9, 9]])).rows
    odds, _, size, aspect, border, own, count, other, margin = rows.T
    assert odds[3] == pytest.approx(0)
    assert size[3] == pytest.approx(np.log(0.1))
    assert aspect[3] == pytest.approx(np.log(2))
    assert border == pytest.approx([1, 1, 1, 0])
    assert own == pytest.approx([0, 0.95, 0, 0])
    assert count == pytest.approx([0, np.log(2), 0, 0])
    assert other == pytest.approx([0, 0, 1, 0])
    best, second, rival = np.log(9), np.log(4), np.log(7 / 3)
    assert margin == pytest.approx([best - rival, second - rival, rival - best, 6], abs=1e-5)


def test_shapes_must_agree():
    with pytest.raises(ParameterError, match="sizes has 0 rows"):
        box_features([Detections.none()], np.empty((0, 2), int))
    with pytest.raises(ParameterError, match="one row for each detection"):
        box_features([Detections.none()], np.array([[9, 9]]), [np.ones((1, 4))])


def test_too_little_to_learn_from_is_said():
    rng = np.random.default_rng(0)
    rows, zeros, every = rng.normal(size=(60, BOX_COLUMNS)), np.zeros(60, int), np.ones(60, bool)
    features = BoxFeatures(rows, zeros, np.arange(60))
    seen = BoxFeatures(rows, zeros, np.arange(60), np.ones((60, 2), np.float32))
    few, half = np.arange(60) < 5, np.arange(60) < 30
    with pytest.raises(DataError, match="5 right and 55 false"):
        fit_second_look(features, zeros, few, every, folds=np.arange(60) % 3, n_classes=1)
    with pytest.raises(DataError, match="in 1 folds, and 2 are needed"):
        fit_second_look(features, zeros, half, every, folds=zeros, n_classes=1)
    with pytest.raises(DataError, match="in 2 folds, and 3 are needed"):
        fit_second_look(seen, zeros, half, every, folds=np.arange(60) % 2, n_classes=1)
