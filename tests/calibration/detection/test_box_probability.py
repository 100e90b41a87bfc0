"""The second look is used where it pays, and scores are calibrated where it doesn't."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.detection_world import FEW, draw, seen_features
from topwork.calibration.detection import SeenAgain, fit_box_probability
from topwork.data.targets.boxes import BoxTargets, ImageBoxes
from topwork.metrics.detection import Detections, detection_scores, match_detections
from topwork.metrics.detection.objects_shown import objects_shown

SIZE = (640, 480)


def chosen(seed, strength, n=150):
    rng = np.random.default_rng(seed)
    sample = draw(FEW, rng, n)
    counts = [len(found) for found in sample.detections]
    shown = objects_shown(match_detections(sample.targets, sample.detections), counts)
    features = np.split(seen_features(rng, shown, strength, 16), np.cumsum(counts)[:-1])
    found = fit_box_probability(
        sample.targets,
        sample.detections,
        np.tile(SIZE, (n, 1)),
        np.arange(n) % 5,
        features=features,
        recall=0.8,
    )
    return sample, features, found


def test_features_that_tell_are_used():
    sample, features, found = chosen(0, 2.0)
    assert found.look is not None
    assert found.reason.startswith("The second look is used: it leaves ")
    before = detection_scores(sample.targets, sample.detections)
    after = detection_scores(sample.targets, found.detections)
    assert after.recall_at_05.value > before.recall_at_05.value + 0.05
    assert found.error_after < 0.5 * found.error_before
    own = found.apply(sample.detections[0], SIZE, features[0])
    assert len(own) == len(sample.detections[0])
    assert own.scores == pytest.approx(found.detections[0].scores, abs=0.25)


def test_features_of_noise_are_not_used_and_scores_are_calibrated():
    sample, features, found = chosen(1, 0.0)
    assert found.look is None
    assert found.reason.startswith("The second look is not used: ")
    assert found.error_after < 0.5 * found.error_before
    own, scores = found.apply(sample.detections[0], SIZE, features[0]), sample.detections[0].scores
    assert own.scores == pytest.approx(found.calibration.probabilities(scores))


def test_too_few_detections_are_only_calibrated():
    targets = BoxTargets(("a",), (ImageBoxes.of([(0, 0, 9, 9)], [0]),) * 6)
    detections = [Detections.of([(0, 0, 9, 9)], [0], [0.5])] * 6
    found = fit_box_probability(targets, detections, np.full((6, 2), 99), np.arange(6) % 3)
    assert found.look is None
    assert found.change is None
    assert "too few" in found.reason
    assert (found.detections[0].scores > 0.5).all()


def test_nothing_found_is_no_error():
    targets = BoxTargets(("a",), (ImageBoxes.of([(0, 0, 9, 9)], [0]),) * 6)
    found = fit_box_probability(
        targets, [Detections.none()] * 6, np.full((6, 2), 99), np.arange(6) % 3
    )
    assert found.look is None
    assert sum(map(len, found.detections)) == 0


def looked_again(seed: int, strength: float, n: int = 150):
    """The same with crops of the boxes from a score of 0.1 up, and maps that tell little."""
    rng = np.random.default_rng(seed)
    sample = draw(FEW, rng, n)
    counts = [len(found) for found in sample.detections]
    shown = objects_shown(match_detections(sample.targets, sample.detections), counts)
    cuts = np.cumsum(counts)[:-1]
    seen = [found.scores >= 0.1 for found in sample.detections]
    crops = [
        SeenAgain(rows[own].astype(np.float32), np.where(own, np.cumsum(own) - 1, -1))
        for rows, own in zip(
            np.split(seen_features(rng, shown, strength, 16), cuts), seen, strict=True
        )
    ]
    return (
        sample,
        crops,
        fit_box_probability(
            sample.targets,
            sample.detections,
            np.tile(SIZE, (n, 1)),
            np.arange(n) % 5,
            features=np.split(seen_features(rng, shown, 0.3, 16), cuts),
            crops=crops,
            recall=0.8,
        ),
    )


def test_crops_that_tell_more_than_maps_are_looked_at():
    sample, crops, found = looked_again(2, 3.0)
    assert found.looks_at == "crops"
    assert found.reason.startswith("The second look, at a crop of each box, is used: it leaves ")
    own = found.apply(sample.detections[0], SIZE, crops[0])
    assert own.scores == pytest.approx(found.detections[0].scores, abs=0.25)
    blind = SeenAgain(np.empty((0, 16), np.float32), np.full(len(crops[0].of), -1))
    unseen = found.apply(sample.detections[0], SIZE, blind)
    plain = found.calibration.probabilities(sample.detections[0].scores)
    assert unseen.scores == pytest.approx(plain)


def test_crops_of_noise_are_not_looked_at():
    _, _, found = looked_again(3, 0.0)
    assert found.looks_at != "crops"
