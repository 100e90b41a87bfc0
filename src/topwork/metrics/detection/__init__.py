"""How well objects are found in images."""

from topwork.metrics.detection.average_precision import average_precision, image_precision
from topwork.metrics.detection.detections import Detections
from topwork.metrics.detection.matching import OVERLAPS, SIZES, Matches, match_detections
from topwork.metrics.detection.scores import DetectionScores, detection_scores

__all__ = [
    "OVERLAPS",
    "SIZES",
    "DetectionScores",
    "Detections",
    "Matches",
    "average_precision",
    "detection_scores",
    "image_precision",
    "match_detections",
]
