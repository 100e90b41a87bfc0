"""What a detector finds on images held out, as a section of the report."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from topwork.data import Framing, ImageBoxes
from topwork.errors import BadItem
from topwork.metrics.detection.detections import Detections
from topwork.metrics.detection.false_detections import FalseDetections
from topwork.metrics.detection.matching import Matches, match_detections
from topwork.report import (
    FalseKind,
    FoundObjects,
    FrocPoint,
    ObjectClass,
    ShownImage,
    thumbnail_data_uri,
)
from topwork.report.box_drawing import DrawnBox, draw_boxes
from topwork.report.numbers import number, percent
from topwork.reporting.detection.evidence import DetectionEvidence
from topwork.reporting.detection.result import DetectionFitResult

MAX_POINTS = 120
MAX_FALSE = 4.0
"""False boxes per image beyond which nobody looks."""

SHOWN = 12
_SIDE = 260


def objects_section(evidence: DetectionEvidence, result: DetectionFitResult) -> FoundObjects:
    """Curve, classes, and the images with the most errors."""
    matches = match_detections(evidence.targets, evidence.detections)
    at, n = result.at_threshold, result.n_items
    curve = froc_points(matches, n)
    place = None
    if at.recall is not None and at.false_per_image <= MAX_FALSE:
        place = FrocPoint(false_per_image=at.false_per_image, recall=at.recall)
    errors = image_errors(evidence, result.at_threshold.threshold)
    wrong = np.flatnonzero(errors.sum(axis=1))
    order = wrong[np.argsort(-errors[wrong].sum(axis=1), kind="stable")]
    return FoundObjects(
        classes=_classes(result),
        curve=curve,
        most_false=max((p.false_per_image for p in curve), default=1.0),
        threshold=place,
        sentence=" ".join([_sentence(result), *result.promised]),
        kinds=_kinds(result.errors),
        worst=tuple(_shown(evidence, int(i), errors[i], at.threshold) for i in order[:SHOWN]),
        n_wrong=len(wrong),
    )


def _classes(result: DetectionFitResult) -> tuple[ObjectClass, ...]:
    lowest = sorted(result.per_class, key=lambda c: 2.0 if c.ap50 is None else c.ap50)
    return tuple(
        ObjectClass(label=c.label, n_objects=c.n_objects, n_images=c.n_images, ap50=c.ap50)
        for c in lowest
    )


def _sentence(result: DetectionFitResult) -> str:
    at = result.at_threshold
    if at.recall is None or at.precision is None:
        return "No box reaches the threshold of the model on images held out."
    return (
        f"From a probability of {number(at.threshold)} on the model finds {percent(at.recall)} of "
        f"the objects, with {number(at.false_per_image)} false boxes per image; "
        f"{percent(at.precision)} of its boxes are right."
    )


def _kinds(errors: FalseDetections) -> tuple[FalseKind, ...]:
    return (
        *(FalseKind(name=name, n=getattr(errors, key), note=note) for key, name, note in _ERRORS),
        FalseKind(name="missed object", n=errors.missed, note="no right box at the threshold"),
    )


_ERRORS = (
    ("background", "background", "the box lies on no object"),
    ("badly_placed", "badly placed", "it overlaps its object by less than half"),
    ("wrong_class", "wrong class", "it lies on an object of another class"),
    ("duplicate", "duplicate", "a more probable box has the object already"),
    ("wrong_class_badly_placed", "wrong class and badly placed", ""),
)
"""Field, name and note of each kind of false box."""


def froc_points(matches: Matches, n_images: int) -> tuple[FrocPoint, ...]:
    """Recall against false boxes per image, thinned out."""
    order = np.argsort(-matches.flat.scores, kind="stable")
    right = matches.right[0][order]
    false = ~right & ~matches.ignored[0][order]
    n_objects = max(int(matches.objects().sum()), 1)
    rates, recalls = np.cumsum(false) / n_images, np.cumsum(right) / n_objects
    inside = np.flatnonzero(rates <= MAX_FALSE)
    kept = inside[np.unique(np.linspace(0, len(inside) - 1, MAX_POINTS).astype(int))]
    return tuple(
        FrocPoint(false_per_image=float(rates[i]), recall=float(recalls[i]))
        for i in (kept if len(inside) else ())
    )


def image_errors(evidence: DetectionEvidence, threshold: float) -> NDArray[np.int64]:
    """False boxes and missed objects of each image, ``(n, 2)``."""
    found = [one.at_least(threshold) for one in evidence.detections]
    matches = match_detections(evidence.targets, found)
    image = matches.flat.found.image
    n, right = len(found), matches.right[0]
    false = np.bincount(image[~right & ~matches.ignored[0]], minlength=n)
    missed = matches.objects().sum(axis=1) - np.bincount(image[right], minlength=n)
    return np.stack([false, missed], axis=1).astype(np.int64)


def _shown(
    evidence: DetectionEvidence, i: int, errors: NDArray[np.int64], threshold: float
) -> ShownImage:
    data = evidence.mapped.data
    found = evidence.detections[i].at_least(threshold)
    try:
        image = _drawn(evidence, i, data.boxes.images[i], found)
    except BadItem:
        image = None
    return ShownImage(
        path=data.items[i].name, image=image, n_false=int(errors[0]), n_missed=int(errors[1])
    )


def _drawn(evidence: DetectionEvidence, i: int, true: ImageBoxes, found: Detections) -> str:
    data, (width, height) = evidence.mapped.data, evidence.mapped.sizes[i]
    scale = min(1.0, _SIDE / max(width, height))
    framing = Framing(max(1, round(height * scale)), max(1, round(width * scale)))
    pixels = np.asarray(data.kind.decode(data.kind.read(data.items[i]), framing), np.uint8)
    labels = data.boxes.labels
    boxes = [DrawnBox(_scaled(c, scale), -1, "") for c in true.corners]
    boxes += [
        DrawnBox(_scaled(corners, scale), int(code), labels[code])
        for corners, code in zip(found.corners[::-1], found.classes[::-1], strict=True)
    ]
    return thumbnail_data_uri(draw_boxes(pixels, boxes), _SIDE)


def _scaled(corners: NDArray[np.float32], scale: float) -> Sequence[float]:
    return [float(value) * scale for value in corners]
