"""Scores become probabilities."""

from __future__ import annotations

import numpy as np
import pytest

from topwork.calibration.detection import BoxCalibration, fit_box_calibration
from topwork.errors import ParameterError
from topwork.metrics.detection.calibration_error import detection_calibration_error


def drawn(rng, m, rise=2.0, fall=0.5, shift=-0.5):
    """Scores as detectors give them, most of them low, and whether each is right."""
    scores = rng.beta(0.4, 1.2, m)
    true = BoxCalibration(rise=rise, fall=fall, shift=shift, n_detections=0)
    return scores, rng.random(m) < true.probabilities(scores)


def test_it_finds_the_curve_and_lowers_the_error():
    rng = np.random.default_rng(0)
    found = fit_box_calibration(*drawn(rng, 5000))
    assert (found.rise, found.fall, found.shift) == pytest.approx((2.0, 0.5, -0.5), abs=0.25)
    scores, right = drawn(rng, 20_000)
    after = detection_calibration_error(found.probabilities(scores), right)
    assert after < 0.02
    assert detection_calibration_error(scores, right) > 3 * after


def test_it_is_the_least_loss():
    from scipy.optimize import minimize

    scores, right = drawn(np.random.default_rng(1), 400)
    found = fit_box_calibration(scores, right, strength=1.0)

    def loss(w):
        odds = w[0] * np.log(scores) - w[1] * np.log1p(-scores) + w[2]
        fitted = (np.logaddexp(0, odds) - right * odds).sum()
        return fitted + np.square(w - [1, 1, 0]).sum() / 2

    assert (found.rise, found.fall, found.shift) == pytest.approx(
        minimize(loss, [1, 1, 0], tol=1e-10).x, abs=1e-3
    )


def test_few_detections_leave_scores_as_they_are():
    scores, right = drawn(np.random.default_rng(2), 5)
    found = fit_box_calibration(scores, right)
    assert found.rise == pytest.approx(1, abs=0.5)
    assert fit_box_calibration(np.empty(0), np.empty(0, bool)).probabilities(
        np.array([0.3])
    ).tolist() == pytest.approx([0.3])


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_scores_is_kept_even_where_it_is_wrong(seed):
    rng = np.random.default_rng(seed)
    scores = rng.random(300)
    found = fit_box_calibration(scores, rng.random(300) > scores)
    assert found.rise >= 0
    assert found.fall >= 0
    assert (np.diff(found.probabilities(np.linspace(0, 1, 50))) >= 0).all()


def test_all_right_or_all_false_stays_finite():
    scores = np.linspace(0, 1, 50)
    for truth in (np.ones(50, bool), np.zeros(50, bool)):
        found = fit_box_calibration(scores, truth).probabilities(scores)
        assert np.isfinite(found).all()


def test_lengths_must_agree():
    with pytest.raises(ParameterError, match="expected"):
        fit_box_calibration(np.array([0.1, 0.2]), np.array([True]))
