"""Thresholds that keep promises, and probabilities of detections.

The promises of thresholds hold on average over data like those that the threshold was found on,
and over the drawing of these.
"""

from topwork.calibration.detection.box_calibration import BoxCalibration, fit_box_calibration
from topwork.calibration.detection.box_features import BoxFeatures, box_features
from topwork.calibration.detection.box_probability import (
    BoxProbability,
    LooksAt,
    fit_box_probability,
)
from topwork.calibration.detection.false_threshold import threshold_for_false
from topwork.calibration.detection.miss_threshold import threshold_for_miss
from topwork.calibration.detection.scoring import with_probabilities
from topwork.calibration.detection.second_look import SecondLook, SecondLookFit, fit_second_look
from topwork.calibration.detection.seen_again import SeenAgain
from topwork.calibration.detection.threshold_choice import ThresholdChoice, common_threshold

__all__ = [
    "BoxCalibration",
    "BoxFeatures",
    "BoxProbability",
    "LooksAt",
    "SecondLook",
    "SecondLookFit",
    "SeenAgain",
    "ThresholdChoice",
    "box_features",
    "common_threshold",
    "fit_box_calibration",
    "fit_box_probability",
    "fit_second_look",
    "threshold_for_false",
    "threshold_for_miss",
    "with_probabilities",
]
