"""The calibration error of boxes."""

from __future__ import annotations

import numpy as np
import pytest

from topwork.errors import ParameterError
from topwork.metrics.detection.calibration_error import detection_calibration_error


def test_true_probabilities_have_hardly_any():
    rng = np.random.default_rng(0)
    p = rng.random(50_000)
    assert detection_calibration_error(p, rng.random(50_000) < p) < 0.01
    assert detection_calibration_error(p, rng.random(50_000) < p**2) > 0.1


def test_an_error_that_depends_on_the_place_is_found_there():
    rng = np.random.default_rng(1)
    x, p = rng.random(40_000), np.full(40_000, 0.5)
    right = rng.random(40_000) < np.where(x < 0.5, 0.2, 0.8)
    assert detection_calibration_error(p, right) < 0.02
    places = np.column_stack([x, np.full(40_000, 0.5)])
    assert detection_calibration_error(p, right, positions=places, bins=4) > 0.25


def test_small_bins_are_left_out():
    p = np.r_[np.full(100, 0.9), 0.1]
    assert detection_calibration_error(p, np.r_[np.ones(90), np.zeros(10), 1] > 0) == (
        pytest.approx(0, abs=1e-6)
    )
    assert detection_calibration_error(np.empty(0), np.empty(0, bool)) == 0


def test_lengths_must_agree():
    with pytest.raises(ParameterError, match="expected 2"):
        detection_calibration_error(np.array([0.1, 0.2]), np.array([True]))
