"""Probabilities of boxes and the threshold of a detector."""

from __future__ import annotations

import numpy as np
import pytest

from topwork.calibration.detection import fit_box_probability
from topwork.data import BoxTargets, ImageBoxes
from topwork.errors import ParameterError
from topwork.metrics.detection import Detections
from topwork.reporting.detection.result import promise_sentence
from topwork.settings import DetectionSettings, FitSettings
from topwork.trials.detection.thresholds import Thresholded, with_threshold

BOX, ELSEWHERE = (10, 10, 30, 30), (70, 70, 90, 90)


def judged(n: int = 400, **settings: float) -> Thresholded:
    """Images of one object that is found at a random score, beside a less certain false box."""
    rng = np.random.default_rng(0)
    targets = BoxTargets(("cell",), (ImageBoxes.of([BOX], [0]),) * n)
    found = [
        Detections.of([BOX, ELSEWHERE], [0, 0], [rng.beta(6, 3), rng.beta(3, 6)]) for _ in range(n)
    ]
    sizes = np.full((n, 2), 100)
    probability = fit_box_probability(targets, found, sizes, np.arange(n) % 4)
    return with_threshold(targets, probability, DetectionSettings(**settings), groups=np.arange(n))


def rates(chosen: Thresholded) -> tuple[float, float]:
    """Share of objects missed, and false boxes per image."""
    shown = [one.at_least(chosen.threshold) for one in chosen.detections]
    right = sum(int((one.corners[:, 0] == 10).sum()) for one in shown)
    return 1 - right / len(shown), (sum(map(len, shown)) - right) / len(shown)


def test_what_is_asked_for_is_kept_on_images_held_out() -> None:
    missed, _ = rates(judged(miss=0.1))
    assert 0.05 < missed <= 0.1
    _, false = rates(judged(false_per_image=0.2))
    assert 0.15 < false <= 0.2
    both = judged(miss=0.3, false_per_image=0.3)
    missed, false = rates(both)
    assert missed <= 0.3
    assert false <= 0.3
    assert all(choice.threshold is not None for choice in both.promises)


def test_what_cannot_be_had_is_said_and_a_balanced_threshold_taken() -> None:
    few = judged(20, miss=0.01)
    assert few.promises[0].threshold is None
    assert few.promises[0].reason
    assert few.threshold == judged(20).threshold


def test_limits_that_exclude_each_other_are_not_promised() -> None:
    both = judged(miss=0.01, false_per_image=0.01)
    assert both.threshold == judged().threshold
    said = [promise_sentence(choice, both.threshold) for choice in both.promises]
    assert any("cannot both be kept" in sentence for sentence in said)
    assert not all("is promised" in sentence for sentence in said)


def test_where_one_limit_cannot_be_had_the_other_is_kept() -> None:
    few = judged(20, miss=0.01, false_per_image=0.5)
    assert few.promises[0].threshold is None
    assert few.threshold == few.promises[1].threshold
    assert "is promised" in promise_sentence(few.promises[1], few.threshold)


def test_probabilities_are_how_often_boxes_are_right() -> None:
    chosen = judged(1500)
    said = np.concatenate([one.scores for one in chosen.detections])
    right = np.concatenate([one.corners[:, 0] == 10 for one in chosen.detections])
    for low in (0.1, 0.3, 0.5, 0.7):
        bin_ = (said >= low) & (said < low + 0.2)
        assert abs(said[bin_].mean() - right[bin_].mean()) < 0.05


@pytest.mark.parametrize("wrong", [{"miss": 1.5}, {"miss": 0.0}, {"false_per_image": -1.0}])
def test_promises_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ParameterError):
        FitSettings(**wrong)
